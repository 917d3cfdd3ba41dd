import { createHash, randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { headBytes, pieceBytes, readSealed, Sealer, type Seal } from './seal.ts';

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

/** Bytes in chunks of odd sizes, as streams bring them. */
async function* chunksOf(bytes: Buffer, size = 100_003): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield await Promise.resolve(bytes.subarray(at, at + size));
}

async function seal(bytes: Buffer, size?: number) {
  const sealer = new Sealer();
  for await (const chunk of chunksOf(bytes, size)) sealer.update(chunk);
  return { head: sealer.head, ...sealer.end() };
}

/** What is handed on, and the code of the error that ended it. */
async function read(bytes: Buffer, made: Seal) {
  const parts: Buffer[] = [];
  try {
    for await (const part of readSealed(chunksOf(bytes), made, '/backups/shop.dump')) parts.push(part);
    return { bytes: Buffer.concat(parts), code: null };
  } catch (error) {
    return { bytes: Buffer.concat(parts), code: (error as { code: string }).code };
  }
}

const sizes = [0, 1, headBytes, pieceBytes - 1, pieceBytes, pieceBytes + 1, 2 * pieceBytes, 3 * pieceBytes + 17];

test.for(sizes)('a file of %i bytes is read as it was, whatever is appended to it', async (size) => {
  const bytes = randomBytes(size);
  const made = await seal(bytes);
  expect(made).toMatchObject({ sha256: sha256(bytes), sizeBytes: size });
  expect(made.head.equals(bytes.subarray(0, headBytes))).toBe(true);
  expect((await seal(bytes, pieceBytes * 2 + 5)).seal).toEqual(made.seal);
  for (const appended of [Buffer.alloc(0), randomBytes(1), randomBytes(pieceBytes * 2)]) {
    const { bytes: got, code } = await read(Buffer.concat([bytes, appended]), made.seal);
    expect([got.equals(bytes), code]).toEqual([true, null]);
  }
});

test.for(sizes.filter((size) => size > 0))('of %i bytes, none that changed is handed on', async (size) => {
  const bytes = randomBytes(size);
  const { seal: made } = await seal(bytes);
  const places = [0, Math.floor(size / 2), size - 1, pieceBytes - 1, pieceBytes].filter((at) => at < size);
  for (const at of places) {
    const changed = Buffer.from(bytes);
    changed[at] = (bytes[at] ?? 0) ^ 1;
    const { bytes: got, code } = await read(changed, made);
    expect(code).toBe('BACKUP_CHANGED');
    expect(got.equals(bytes.subarray(0, Math.floor(at / pieceBytes) * pieceBytes))).toBe(true);
    expect((await read(bytes.subarray(0, at), made)).code).toBe('BACKUP_CHANGED');
  }
});

test('pieces that changed places are found', async () => {
  const bytes = randomBytes(2 * pieceBytes);
  const { seal: made } = await seal(bytes);
  const swapped = Buffer.concat([bytes.subarray(pieceBytes), bytes.subarray(0, pieceBytes)]);
  expect(await read(swapped, made)).toEqual({ bytes: Buffer.alloc(0), code: 'BACKUP_CHANGED' });
});
