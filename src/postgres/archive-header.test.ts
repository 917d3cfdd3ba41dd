import { expect, test } from 'vitest';
import { ArchiveCursor } from './archive-cursor.ts';
import { readArchiveHeader } from './archive-header.ts';

const integer = (value: number) => [0, value, 0, 0, 0];
const text = (value: string) => [...integer(value.length), ...Buffer.from(value)];

/** The header of an archive in custom format, as WriteHead writes it, of 2026-02-09 09:48:03. */
function header(major: number, minor: number): Buffer {
  return Buffer.from([
    ...Buffer.from('PGDMP'),
    ...[major, minor, 0],
    // Bytes of an integer and of an offset, and the custom format.
    ...[4, 8, 1],
    // gzip, from 1.15 on; before that its level.
    ...(minor >= 15 ? [1] : integer(6)),
    ...[3, 48, 9, 9, 1, 126, 0].flatMap(integer),
    ...[text('salon'), text('16.4'), text('17.2')].flat(),
  ]);
}

const read = (bytes: Buffer) => readArchiveHeader(new ArchiveCursor(bytes));

test.each([12, 13, 14, 15, 16])('an archive of version 1.%i is read', (minor) => {
  expect(read(header(1, minor))).toEqual({
    formatVersion: [1, minor],
    offsetBytes: 8,
    madeAt: '2026-02-09 09:48:03',
    database: 'salon',
    serverVersion: '16.4',
    dumpVersion: '17.2',
  });
});

test.each([
  [1, 11],
  [1, 17],
  [0, 14],
  [2, 14],
])('one of version %i.%i, of whose form nothing is known, is not', (major, minor) => {
  expect(read(header(major, minor))).toBeNull();
});

test('one that is cut anywhere in its header is not', () => {
  const whole = header(1, 14);
  for (let bytes = 0; bytes < whole.length; bytes += 1) expect(read(whole.subarray(0, bytes)), `${bytes}`).toBeNull();
});
