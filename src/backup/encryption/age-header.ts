/** For whom a file of age is, as its header says: the kind of each recipient, and what stands behind it. */
export type Stanza = string[];

/** Larger than the header of any file. */
const mostBytes = 1024 * 1024;

/** Reads the header of a file of age; null where it is not whole. */
export async function readStanzas(source: AsyncIterable<Buffer>): Promise<Stanza[] | null> {
  let text = '';
  for await (const chunk of source) {
    text += chunk.toString('latin1');
    const [, header] = /^age-encryption\.org\/v1\n([^]*?)\n--- /.exec(text) ?? [];
    if (header !== undefined) {
      const lines = header.split('\n').filter((line) => line.startsWith('-> '));
      return lines.map((line) => line.slice(3).split(' '));
    }
    if (text.length > mostBytes) return null;
  }
  return null;
}

/** In words: `2 recipients (X25519)`, `a passphrase`. The header of age does not name them. Pure. */
export function describeStanzas(stanzas: Stanza[]): string {
  // age hides how many there are by one that is none.
  const kinds = stanzas.flatMap(([kind = '']) => (/-grease$/.test(kind) ? [] : [kind]));
  if (kinds.includes('scrypt')) return 'a passphrase';
  const names = [...new Set(kinds)].map((kind) => kind.replace(/[^\w./-]/g, '').slice(0, 40)).join(', ');
  return `${kinds.length === 1 ? '1 recipient' : `${kinds.length} recipients`} (${names})`;
}
