import { writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setOf } from '../backup-set.ts';
import { explainConnection } from './web-errors.ts';
import { request, type WebLimits } from './web-request.ts';

/** More than the manifest of any database has; a checksum is one line. */
const [mostBytes, mostOfChecksum] = [64 * 1024 * 1024, 4096];

/** As `npm run backup` names them. */
const ofOurs = /^(.+_\d{8}T\d{6}Z)\.dump$/;

interface Beside {
  /** What follows the address of the directory. */
  name: string;
  file: string;
  /** Servers that know no file answer with a page of theirs. */
  looksLike: (text: string) => boolean;
}

/**
 * Fetches what may lie beside a file behind an address: its checksum, and manifest and roles of a backup of ours. What a server has
 * not got is left out. A signed address is for its file alone: nothing beside it is asked for.
 * @param file where the backup has come to
 * @throws OperationalError BACKUP_NOT_FETCHED where the server does not answer
 */
export async function fetchBeside(address: URL, file: string, shown: string, limits: WebLimits): Promise<void> {
  if (address.search !== '') return;
  const name = address.pathname.split('/').at(-1) ?? '';
  for (const beside of listBeside(name, file)) {
    const place = new URL(address);
    place.pathname = address.pathname.slice(0, -name.length || undefined) + beside.name;
    const content = await fetchSmall(place, limits).catch((error: unknown) => {
      throw explainConnection(shown, error, limits.proxies !== null);
    });
    if (content !== null && beside.looksLike(content.toString()))
      await writeFile(beside.file, content, { mode: 0o600 });
  }
}

function listBeside(name: string, file: string): Beside[] {
  const [, stem] = ofOurs.exec(name) ?? [];
  if (stem === undefined) {
    if (name === '') return [];
    return [{ name: `${name}.sha256`, file: `${file}.sha256`, looksLike: isChecksum }];
  }
  const { manifest, checksum, globals } = setOf(join(dirname(file), stem));
  return [
    { name: basename(manifest), file: manifest, looksLike: (text) => text.startsWith('{') },
    { name: basename(checksum), file: checksum, looksLike: isChecksum },
    { name: basename(globals), file: globals, looksLike: (text) => text !== '' && !/^\s*</.test(text) },
  ];
}

/** Of any of the programs that write them. */
function isChecksum(text: string): boolean {
  return text.length <= mostOfChecksum && /\b[0-9a-f]{64}\b/i.test(text) && !/^\s*</.test(text);
}

/** null where there is no such file, or more than anybody would write. */
async function fetchSmall(address: URL, limits: WebLimits): Promise<Buffer | null> {
  await using answer = await request(address, {}, limits);
  if (answer.response.status !== 200) return null;
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of answer.read()) {
    bytes += chunk.length;
    if (bytes > mostBytes) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
