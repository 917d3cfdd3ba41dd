import { age } from '../encryption/age-layer.ts';
import { command } from '../encryption/command-layer.ts';
import { gpg } from '../encryption/gpg-layer.ts';
import { byteOrderMark } from './byte-order-mark.ts';
import { bzip2 } from './bzip2.ts';
import { crlf } from './crlf.ts';
import { gzip } from './gzip.ts';
import type { Layer, LayerName } from './layer.ts';
import { lz4 } from './lz4.ts';
import { preambleOf } from './preamble.ts';
import { sevenZip } from './seven-zip.ts';
import { tarOfFiles } from './tar-of-files.ts';
import { utf16 } from './utf16.ts';
import { xz } from './xz.ts';
import { zip } from './zip.ts';
import { zstd } from './zstd.ts';

/** Compressions and archives of files. */
const packings = { gzip, zstd, xz, bzip2, lz4, zip, '7z': sevenZip, 'tar of files': tarOfFiles };

const layers: { [Name in LayerName]: Layer<Name> } = {
  age,
  gpg,
  command,
  ...packings,
  'UTF-16': utf16,
  'byte order mark': byteOrderMark,
  CRLF: crlf,
  // Whatever else starts with another layer has that undone first.
  preamble: preambleOf((head) => Object.values(packings).some((packing) => packing.recognise(head))),
};

/** What is around a dump, by how it starts; null for a dump as pg_dump writes it, and for what is none. Pure. */
export function recogniseLayer(head: Buffer): Layer | null {
  return Object.values(layers).find((layer) => layer.recognise(head)) ?? null;
}
