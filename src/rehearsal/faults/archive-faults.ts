import { createCipheriv, createHash, randomBytes } from 'node:crypto';
import { recogniseLayer } from '../../backup/layers/layers.ts';
import type { ArchiveLayout } from './archive-layout.ts';
import { changeArchive, flip, insideFirstChunk, replaceText, seal, type Change } from './damage-archive.ts';
import type { Fault, Stage } from './fault.ts';

/**
 * Damage that was there when checksum and manifest were made, so that neither gives it away: a program that failed, a disk
 * that lies.
 */
const sealed: [name: string, failsAt: Stage, finding: string, change: Change][] = [
  ['the archive is empty', 'examine', 'ARCHIVE_EMPTY', () => Buffer.alloc(0)],
  ['the archive is cut in its header', 'examine', 'ARCHIVE_NOT_RECOGNISED', (archive) => archive.subarray(0, 4)],
  [
    'the archive is cut in its table of contents',
    'examine',
    'ARCHIVE_TRUNCATED',
    (archive, { contentsStart, dataStart }) => archive.subarray(0, between(contentsStart, dataStart)),
  ],
  [
    'the archive is cut in its data',
    'restore',
    'ARCHIVE_TRUNCATED',
    (archive, { dataStart }) => archive.subarray(0, between(dataStart, archive.length)),
  ],
  ['the last byte is missing', 'restore', 'ARCHIVE_TRUNCATED', (archive) => archive.subarray(0, -1)],
  ['a byte of the magic string is flipped', 'examine', 'ARCHIVE_NOT_RECOGNISED', (archive) => flip(archive, 2)],
  [
    'a byte of the number of entries is flipped',
    'examine',
    'ARCHIVE_CORRUPT',
    (archive, { contentsStart }) => flip(archive, contentsStart + 2),
  ],
  [
    'a byte of a statement is changed',
    'restore',
    'STATEMENT_INVALID',
    (archive) => replaceText(archive, 'CREATE INDEX parents_by_name', 'CREATE INDEP parents_by_name'),
  ],
  [
    'a byte of a name is changed',
    'compare',
    'INDEX_MISSING',
    (archive) => replaceText(archive, 'INDEX parents_by_name', 'INDEX parents_by_namf'),
  ],
  [
    'a byte of a default is changed',
    'compare',
    'TABLE_CHANGED',
    (archive) => replaceText(archive, "'nobody'::text", "'nobodx'::text"),
  ],
  [
    'a byte of a comment is changed',
    'compare',
    'COMMENT_CHANGED',
    (archive) => replaceText(archive, 'of no consequence', 'of no konsequence'),
  ],
  [
    'a byte of the data is flipped',
    'restore',
    'ARCHIVE_CORRUPT',
    (archive, layout) => flip(archive, insideFirstChunk(archive, layout)),
  ],
  [
    'the archive is an error message',
    'examine',
    'ARCHIVE_NOT_RECOGNISED',
    () => Buffer.from('{"error":"access denied"}\n'),
  ],
  [
    'the archive is encrypted and the key is lost',
    'examine',
    'ARCHIVE_ENCRYPTED',
    (archive) => Buffer.concat([Buffer.from('Salted__'), randomBytes(8), encrypt(archive)]),
  ],
  ['the archive is encrypted, and does not even say so', 'examine', 'ARCHIVE_NOT_RECOGNISED', encrypt],
];

/** Each part of an archive, and where it ends. */
const parts: [name: string, range: (archive: Buffer, layout: ArchiveLayout) => [from: number, to: number]][] = [
  ['header', (_, { contentsStart }) => [0, contentsStart]],
  ['table of contents', (_, { contentsStart, dataStart }) => [contentsStart, dataStart]],
  ['data', (archive, { dataStart }) => [dataStart, archive.length]],
];

/** Bytes that change later, in a copy or on a disk: the checksum has to notice, wherever they are. */
const flipped = parts.flatMap(([part, range]) =>
  [1, 2, 3, 4].map((number): [string, Change] => [
    `byte ${number} of four in the ${part} is flipped behind the checksum's back`,
    (archive, layout) => flip(archive, drawPosition(archive, range(archive, layout), `${part} ${number}`)),
  ]),
);

const common = { kind: 'archive', before: 'examine', verdict: 'not-verified' } as const;

/** Damage to the bytes of a dump. */
export const archiveFaults: Fault[] = [
  ...sealed.map(([name, failsAt, finding, change]): Fault => ({
    ...common,
    name,
    failsAt,
    finding,
    async damage(copy) {
      await changeArchive(copy, change);
      await seal(copy);
    },
  })),
  ...flipped.map(([name, change]): Fault => ({
    ...common,
    name,
    failsAt: 'examine',
    finding: 'CHECKSUM_MISMATCH',
    damage: (copy) => changeArchive(copy, change),
  })),
];

function between(from: number, to: number): number {
  return Math.floor((from + to) / 2);
}

/** Not as what would be unpacked by chance. */
function encrypt(bytes: Buffer): Buffer {
  const cipher = createCipheriv('aes-256-ctr', randomBytes(32), randomBytes(16));
  const encrypted = Buffer.concat([cipher.update(bytes), cipher.final()]);
  return recogniseLayer(encrypted) === null ? encrypted : encrypt(bytes);
}

/** Drawn from the archive itself: other bytes every night, the same for the same archive. */
function drawPosition(archive: Buffer, [from, to]: [number, number], label: string): number {
  const drawn = createHash('sha256').update(archive).update(label).digest().readUInt32BE(0);
  return from + (drawn % (to - from));
}
