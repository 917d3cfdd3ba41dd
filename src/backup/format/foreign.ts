import { isEachLineFeedBehindReturn } from '../../postgres/line-ends.ts';
import type { BackupFinding } from './backup-finding.ts';
import { encryptedBy, findEncryption } from './encrypted.ts';
import { takenForText } from './taken-for-text.ts';

/** Something that is no dump of one database, by how it starts. */
interface Kind {
  rule?: string;
  isStart: RegExp | ((head: Buffer) => boolean);
  /** `The file is …`; may quote what the pattern has found. */
  is: (found: string) => string;
  remedy: string;
}

const seeJob = 'See what the backup job or the transfer wrote in place of the dump.';
const withoutTerminal =
  'Take it again without a terminal in between: docker exec without -t, docker compose exec -T, ssh without -t, or pg_dump --file.';
const oneByOne =
  'Dump each database by itself (pg_dump -Fc), and the roles with pg_dumpall --globals-only: then each can be restored alone.';

/** What starts like something that could be restored, and cannot be. */
const disguised: Kind[] = [
  {
    rule: 'DUMP_OF_CLUSTER',
    isStart: /^(?:\xef\xbb\xbf)?\s*--\r?\n-- PostgreSQL database cluster dump\r?\n/,
    is: () => 'the output of pg_dumpall: roles and all databases of a server (a cluster), or the roles alone',
    remedy: `What is taken here is the dump of one database. ${oneByOne}`,
  },
  {
    rule: 'DUMP_THROUGH_TERMINAL',
    isStart: (head) => isBinary(head) && isEachLineFeedBehindReturn(head) && lineFeeds(head) > 3,
    is: () =>
      'an archive whose bytes went through a terminal or a text mode: before every line feed (\\n) there is a carriage return (\\r) that pg_dump did not write',
    remedy: `${withoutTerminal} If there is no other: LC_ALL=C sed 's/\\r$//' takes them out again; take what comes of it.`,
  },
  {
    rule: 'DUMP_IN_UTF16',
    isStart: /^(?:\xff\xfe|\xfe\xff)?\0?P\0G\0D\0M\0P/,
    is: () =>
      'an archive that PowerShell has turned into UTF-16 (pg_dump > file): its bytes were taken for letters, and are lost',
    remedy: 'Take it again, and let pg_dump write the file itself, with --file (-f).',
  },
];

/** How compressed files start that were read as UTF-8 or as Latin-1, and written as UTF-8. */
const packedTakenForText = /^(?:1f(?:efbfbd|c28b)|28(?:efbfbd2fefbfbd|c2b52fc3bd)|(?:efbfbd|c3bd)377a585a)/;

/** Compressions and archives that few backup jobs write. */
const packers: { by: string; isStart: RegExp; undo: string }[] = [
  { by: 'RAR', isStart: /^Rar!\x1a\x07/, undo: 'unrar x' },
  { by: 'lzip', isStart: /^LZIP/, undo: 'lzip --decompress' },
  { by: 'lzop', isStart: /^\x89LZO\0/, undo: 'lzop --decompress' },
  { by: 'Snappy', isStart: /^\xff\x06\0\0sNaPpY/, undo: 'snzip -d' },
  { by: 'cpio', isStart: /^(?:07070[127]|\xc7\x71)/, undo: 'cpio --extract' },
  { by: 'ar', isStart: /^!<arch>\n/, undo: 'ar x' },
  { by: 'zpaq', isStart: /^(?:7kSt|zPQ)/, undo: 'zpaq extract' },
  { by: 'BorgBackup', isStart: /^BORG_SEG/, undo: 'borg extract, from its repository' },
];

/** What is neither of those, nor anything that can be restored, is told by the first of these that fits. */
const others: Kind[] = [
  {
    isStart: /^\s*<(?:!doctype html|html|head|body)\b[^]*?(?:<title>([^<]{0,120})|$)/i,
    is: (title) => `an HTML page${quote(title)}, as a web server or a proxy answers with`,
    remedy: seeJob,
  },
  {
    isStart: /^\s*<(?:\?xml|Error)\b[^]*?(?:<Code>([^<]{0,120})|$)/i,
    is: (code) => `XML${quote(code)}, as an object store answers with`,
    remedy: seeJob,
  },
  {
    isStart: /^\s*(?:\{\s*"|\[\s*[{["\d]|\[\s*\])/,
    is: () => 'JSON: an answer of a service, or data of another program',
    remedy: seeJob,
  },
  {
    isStart: /^((?:pg_dump(?:all)?|pg_restore|psql|pg_basebackup)(?:\.exe)?: [^\r\n]{0,300})/,
    is: (line) => `what a program of PostgreSQL printed, and no dump:${quote(line)}`,
    remedy: 'Mend what it says, and let the backup job end with a status other than 0 where pg_dump does.',
  },
  {
    isStart:
      /^((?:Error (?:response from daemon|:)|Error:|OCI runtime|No such container|the input device is not a TTY|\S*sh: |ssh: |docker: |kubectl: |Permission denied|Access denied|command not found|Host key verification failed|Connection (?:refused|timed out|closed))[^\r\n]{0,300})/i,
    is: (line) => `what another program printed, and no dump:${quote(line)}`,
    remedy: seeJob,
  },
  {
    isStart: /^(?:--\s*(?:MySQL|MariaDB) dump|\/\*M?!\d{5,6})/,
    is: () => 'a dump of MySQL or MariaDB',
    remedy: 'See which database the backup job dumps.',
  },
  {
    isStart: /^SQLite format 3\0/,
    is: () => 'a database of SQLite',
    remedy: 'See which database the backup job dumps.',
  },
  {
    isStart: /^;\s*\r?\n; Archive created at/,
    is: () => 'the table of contents of an archive (pg_restore --list), not the archive',
    remedy: 'Name the archive.',
  },
  {
    isStart: /^version https:\/\/git-lfs\.github\.com/,
    is: () => 'a pointer of Git LFS, not the file that it points to',
    remedy: 'Fetch the file: git lfs pull.',
  },
  {
    // PGDMP, a plain dump, and what gzip, zstd, xz and bzip2 start with.
    isStart: /^(?:UEdETVA|LS0KLS0g|H4sI|KLUv|\/Td6WFo|QlpoO)/,
    is: () => 'a dump in base64',
    remedy: 'Decode it (base64 --decode), and take that.',
  },
  {
    isStart: /^(?:\\x|0x)?(?:5047444d50|2d2d0a2d2d20|1f8b08|28b52ffd)[0-9a-f]*\s/i,
    is: () => 'a dump in hexadecimal digits',
    remedy: 'Decode it (xxd -revert -plain), and take that.',
  },
  {
    rule: 'DUMP_LINE_ENDS',
    isStart: /^--\r-- PostgreSQL database dump\r/,
    is: () => 'plain SQL of pg_dump whose line feeds have all become carriage returns',
    remedy: "Take it again, with nothing in between that changes text. If there is no other: tr '\\r' '\\n'",
  },
  {
    isStart: /^-----BEGIN (PGP [A-Z ]{3,40})-----/,
    is: (what) => `what GnuPG has wrapped it in:${quote(what)}`,
    remedy: 'Take it out (gpg --decrypt, or gpg --dearmor), and take that.',
  },
  {
    // A compressed packet (RFC 9580, 5.6), as it is written by --sign and --store.
    isStart: (head) => head[0] === 0xa3 && [1, 2, 3].includes(head[1] ?? 0),
    is: () => 'what GnuPG has signed or packed, without encrypting it',
    remedy: 'Take it out (gpg --decrypt), and take that.',
  },
  {
    rule: 'DUMP_IN_PARTS',
    isStart: /^PK\x07\x08/,
    is: () => 'the first part of a zip archive that was split',
    remedy: 'Put its parts together (zip -s 0 NAME.zip --out whole.zip), and take that.',
  },
  ...packers.map(({ by, isStart, undo }): Kind => ({
    isStart,
    is: () => `packed with ${by}, which is not undone here`,
    remedy: `Unpack it (${undo}), and take that; gzip, zstd or pg_dump -Fc are read as they are.`,
  })),
  {
    isStart: (head) => head[1] === 0xd1 && ((head[2] ?? 0) & 2) === 2 && head.length > 40,
    is: () => 'a segment of the write-ahead log (WAL), which a physical backup needs: no dump',
    remedy: 'What is taken here are dumps of pg_dump.',
  },
  {
    isStart: (head) => head.length > 0 && head.every((byte) => byte === 0),
    is: () => 'zero bytes, as far as it was looked at: space that was set aside for a file that never came',
    remedy:
      'Copy it again from off-host storage: after a crash, a full disk or a download that was cut, a file can have its size and no content.',
  },
  {
    // Comments say which program wrote it. Statements could hold rows, which are not shown.
    isStart: /^\s*(?:--|\/\*|#)[\s\-*]*([^\r\n]{0,120})/,
    is: (comment) => `text with a comment of another program than pg_dump in front:${quote(comment)}`,
    remedy: 'Take the backup with pg_dump: what other programs write as SQL leaves out much, and only they know what.',
  },
];

/** Why what looks like a dump cannot be read: it is locked, or its bytes were changed on their way. Pure. */
export function findDisguised(head: Buffer): BackupFinding | null {
  return findLocked(head) ?? find(disguised, head);
}

/** What no layer undoes, whatever keys there are. */
function findLocked(head: Buffer): BackupFinding | null {
  const found = findEncryption(head);
  return found?.layer === null ? encryptedBy(found.by, found.undo) : null;
}

/** What a file is that can neither be restored nor unpacked, with the next step. Pure. */
export function nameForeign(head: Buffer): BackupFinding {
  if (packedTakenForText.test(head.toString('hex', 0, 16))) return takenForText;
  return find(others, head) ?? unknownKind(head);
}

function find(kinds: Kind[], head: Buffer): BackupFinding | null {
  const text = head.toString('latin1', 0, 4096);
  for (const { rule = 'ARCHIVE_NOT_RECOGNISED', isStart, is, remedy } of kinds) {
    const found = typeof isStart === 'function' ? (isStart(head) ? [] : null) : isStart.exec(text);
    if (found === null) continue;
    return { rule, message: `This is no dump of a database: the file is ${is(found[1] ?? '')}.`, remedy };
  }
  return null;
}

function unknownKind(head: Buffer): BackupFinding {
  const how = isBinary(head)
    ? `with the bytes ${head.toString('hex', 0, 8).replace(/(..)(?=.)/g, '$1 ')}`
    : 'with text that is neither SQL of pg_dump nor a message that is known here';
  return {
    rule: 'ARCHIVE_NOT_RECOGNISED',
    message: `This is no dump that pg_restore or psql takes: the file starts ${how}.`,
    remedy:
      'See what the backup job wrote, and whether it was encrypted or cut: the command file says more of its kind.',
  };
}

function isBinary(head: Buffer): boolean {
  return /[\x00-\x06\x0e-\x1a]/.test(head.toString('latin1', 0, 4096));
}

function lineFeeds(head: Buffer): number {
  return head.filter((byte) => byte === 0x0a).length;
}

/** Bytes of UTF-8, read as one character each. */
function quote(latin1: string): string {
  const text = Buffer.from(latin1, 'latin1').toString().trim();
  return text === '' ? '' : ` “${text}”`;
}
