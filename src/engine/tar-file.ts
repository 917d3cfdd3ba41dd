import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

const blockBytes = 512;

/** A file, or the files of a directory that holds no other directories, as a tar archive: `name` is what it is called in there. */
export async function* packTar(path: string, name: string): AsyncGenerator<Buffer> {
  if ((await stat(path)).isDirectory()) {
    yield header(`${name}/`, 0, '5');
    for (const file of (await readdir(path)).toSorted()) yield* packFile(join(path, file), `${name}/${file}`);
  } else yield* packFile(path, name);
  yield Buffer.alloc(2 * blockBytes);
}

async function* packFile(path: string, name: string): AsyncGenerator<Buffer> {
  const { size } = await stat(path);
  yield header(name, size, '0');
  // One that grows meanwhile would be taken for the next header.
  if (size > 0) for await (const chunk of createReadStream(path, { end: size - 1 })) yield chunk as Buffer;
  yield Buffer.alloc((blockBytes - (size % blockBytes)) % blockBytes);
}

/** POSIX.1-1988 "ustar", with GNU's binary number for what has more than 11 octal digits. */
function header(name: string, sizeBytes: number, type: '0' | '5'): Buffer {
  const block = Buffer.alloc(blockBytes);
  block.write(name, 0, 100);
  block.write(type === '5' ? '0000700\0' : '0000600\0', 100);
  block.write('0000000\0'.repeat(2), 108);
  block.write(`${sizeBytes.toString(8).padStart(11, '0')}\0`, 124);
  if (sizeBytes >= 8 ** 11) {
    block.fill(0, 124, 136).writeUInt8(0x80, 124);
    block.writeBigUInt64BE(BigInt(sizeBytes), 128);
  }
  block.write('00000000000\0', 136);
  block.write(' '.repeat(8), 148);
  block.write(type, 156);
  block.write('ustar\x0000', 257);
  block.write(
    `${block
      .reduce((sum, byte) => sum + byte, 0)
      .toString(8)
      .padStart(6, '0')}\0 `,
    148,
  );
  return block;
}
