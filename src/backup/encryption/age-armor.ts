/** Whether a file of age is written in letters (`age --armor`). Pure. */
export function isArmored(head: Buffer): boolean {
  return head.toString('latin1', 0, 10) === '-----BEGIN';
}

/** The bytes of an armored file, piece by piece. What lacks its last line is handed on without its rest: age finds that out. */
export async function* dearmored(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let rest = '';
  for await (const chunk of source) {
    const lines = (rest + chunk.toString('latin1')).split(/\r?\n/);
    rest = lines.pop() ?? '';
    const letters = lines.filter((line) => !line.startsWith('-----')).join('');
    // All lines but the last hold 64 letters, which are 48 whole bytes.
    if (letters !== '') yield Buffer.from(letters, 'base64');
  }
  if (rest !== '' && !rest.startsWith('-----')) yield Buffer.from(rest, 'base64');
}
