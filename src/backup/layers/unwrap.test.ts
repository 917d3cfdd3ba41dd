import { execa } from 'execa';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { asDump } from '../../../fixtures/testing/dumps.ts';
import { makeWorkspace } from '../../../fixtures/testing/workspace.ts';
import { readEnvironment } from '../../system/environment.ts';
import { Place } from './place.ts';
import { unwrap } from './unwrap.ts';

const sql = Buffer.from(
  "--\n-- PostgreSQL database dump\n--\n\nselect 'it\\r\\n';\ncreate function f() -- of\r\n;\n\n--\n-- PostgreSQL database dump complete\n--\n",
);
/** The header of an archive in custom format, and statements as its table of contents holds them. */
const archive = Buffer.concat([
  Buffer.from('PGDMP\x01\x0e\x00\x04\x08\x01', 'latin1'),
  Buffer.from("SET client_encoding = 'UTF8';\nSET a = b;\nSELECT 1;\n\n\x00\x01"),
]);
const banner = 'Warning: Permanently added db to the list of known hosts.\r\nWelcome!\n';
const withReturns = (bytes: Buffer) => Buffer.from(bytes.toString('latin1').replaceAll('\n', '\r\n'), 'latin1');
const utf16 = (bytes: Buffer, ...mark: number[]) =>
  Buffer.concat([Buffer.from(mark), Buffer.from(bytes.toString(), 'utf16le')]);
const bigEndian = (bytes: Buffer) => utf16(bytes).swap16();

/** A directory with `dump` in it, and what a shell makes of it there. */
async function make(content: Buffer, script: string): Promise<string> {
  const directory = await makeWorkspace();
  await writeFile(join(directory, 'dump'), content);
  await writeFile(join(directory, 'dump.Z'), asOfCompress(content));
  await execa('bash', ['-c', `set -e; ${script}`], { cwd: directory });
  return join(directory, 'out');
}

/** What compress writes, as long as it needs no code of more than 9 bits: a byte is a code, and 256 forgets all codes. */
function asOfCompress(content: Buffer): Buffer {
  const reversed = (text: string) => Array.from(text).reverse().join('');
  let bits = '';
  const add = (code: number) => {
    bits += reversed(code.toString(2).padStart(9, '0'));
  };
  for (const [at, byte] of content.subarray(0, 2000).entries()) {
    if (at % 200 === 199) {
      add(256);
      bits = bits.padEnd(Math.ceil(bits.length / 72) * 72, '0');
    }
    add(byte);
  }
  const bytes = bits.match(/.{1,8}/g) ?? [];
  return Buffer.from([0x1f, 0x9d, 0x90, ...bytes.map((each) => parseInt(reversed(each), 2))]);
}

/** The directory of a dump, as pg_dump -Fd writes it. */
const asDirectory = 'mkdir d; cp dump d/toc.dat; echo rows | gzip > d/3001.dat.gz; echo x > d/blobs.toc';

async function open(file: string) {
  const directory = join(await makeWorkspace(), 'private');
  await mkdir(directory);
  const dump = await asDump(file);
  const { inside, layers, warnings, wrong } = await unwrap(dump, directory, {
    timeoutMs: 60_000,
    path: readEnvironment().path,
  });
  return { inside, layers: layers.map(({ name }) => name), warnings, wrong, directory };
}

describe('a dump that was packed or changed on its way', () => {
  test.each<[what: string, content: Buffer, script: string, layers: string[], warnings: string[]]>([
    ['as it is', sql, 'mv dump out', [], []],
    ['packed with gzip', sql, 'gzip < dump > out', ['gzip'], []],
    ['packed with gzip in members', sql, '(head -c 50 dump | gzip; tail -c +51 dump | gzip) > out', ['gzip'], []],
    ['packed with gzip, with zeros behind', sql, '(gzip < dump; head -c 999 /dev/zero) > out', ['gzip'], []],
    [
      'packed with gzip, with text behind',
      sql,
      '(gzip < dump; echo closed.) > out',
      ['gzip'],
      ['DUMP_WITH_TRAILING_BYTES'],
    ],
    ['packed with zstd', archive, 'zstd -q < dump > out', ['zstd'], []],
    [
      'packed with zstd, with text behind',
      sql,
      '(zstd -q < dump; echo closed.) > out',
      ['zstd'],
      ['DUMP_WITH_TRAILING_BYTES'],
    ],
    ['packed with xz', sql, 'xz < dump > out', ['xz'], ['DUMP_PACKED']],
    ['packed with lzma', sql, 'lzma < dump > out', ['xz'], ['DUMP_PACKED']],
    ['packed with the lz4 of before', sql, 'lz4 -ql < dump > out', ['lz4'], ['DUMP_PACKED']],
    ['packed by compress', sql, 'mv dump.Z out', ['gzip'], ['DUMP_PACKED']],
    ['packed with zstd with a long window', sql, 'zstd -q --long=31 < dump > out', ['zstd'], []],
    [
      'packed with zstd behind a frame to be skipped',
      archive,
      "(printf '\\x50\\x2a\\x4d\\x18\\x04\\x00\\x00\\x00note'; zstd -q < dump) > out",
      ['zstd'],
      [],
    ],
    ...['xz', 'bzip2', 'lz4 -q'].map((program): [string, Buffer, string, string[], string[]] => [
      `packed with ${program}, with text behind`,
      sql,
      `(${program} < dump; echo Connection closed.) > out`,
      [program.replace(/ .*/, '')],
      ['DUMP_PACKED', 'DUMP_WITH_TRAILING_BYTES'],
    ]),
    ['packed with bzip2', archive, 'bzip2 < dump > out', ['bzip2'], ['DUMP_PACKED']],
    ['packed with lz4', sql, 'lz4 -q < dump > out', ['lz4'], ['DUMP_PACKED']],
    ['packed twice', sql, 'gzip < dump | gzip > out', ['gzip', 'gzip'], ['DUMP_PACKED_TWICE']],
    ['packed by xz and gzip', sql, 'xz < dump | gzip > out', ['gzip', 'xz'], ['DUMP_PACKED', 'DUMP_PACKED_TWICE']],
    ['in a zip archive', sql, 'zip -q out.zip dump; mv out.zip out', ['zip'], ['DUMP_PACKED']],
    ['in a zip archive, from a pipe', sql, 'zip -q out.zip - < dump; mv out.zip out', ['zip'], ['DUMP_PACKED']],
    ['in a 7z archive', archive, '7z a -bd out.7z dump > log; mv out.7z out', ['7z'], ['DUMP_PACKED']],
    ['in a tar archive', archive, 'tar cf out dump', ['tar of files'], ['DUMP_PACKED']],
    ['in a tar.gz archive', sql, 'tar czf out ./dump', ['gzip', 'tar of files'], ['DUMP_PACKED']],
    [
      'in a tar.gz of itself packed',
      sql,
      'gzip dump; tar czf out dump.gz',
      ['gzip', 'tar of files', 'gzip'],
      ['DUMP_PACKED', 'DUMP_PACKED_TWICE'],
    ],
    [
      'in a tar archive, with its checksum',
      sql,
      'echo 0 > dump.sha256; tar cf out ./dump ./dump.sha256',
      ['tar of files'],
      ['DUMP_PACKED'],
    ],
    [
      'in a tar archive, by a name with marks and blanks',
      sql,
      `name=$'a\\n[b] *é\\\\c'; mkdir "d  e"; cp dump "d  e/$name"; echo roles > globals.sql; tar cf out globals.sql "./d  e"`,
      ['tar of files'],
      ['DUMP_PACKED'],
    ],
    [
      'in a zip archive of the Finder',
      sql,
      "mkdir __MACOSX; cp dump 'my [shop] *.sql'; echo x > __MACOSX/._dump; echo x > .DS_Store; zip -qr out.zip my* __MACOSX .DS_Store; mv out.zip out",
      ['zip'],
      ['DUMP_PACKED'],
    ],
    [
      'in a 7z archive, beside a README',
      archive,
      "cp dump 'my [shop] *.dump'; echo x > README.md; 7z a -bd -spd out.7z 'my [shop] *.dump' README.md > log; mv out.7z out",
      ['7z'],
      ['DUMP_PACKED'],
    ],
    ['through a terminal', withReturns(sql), 'mv dump out', ['CRLF'], ['DUMP_LINE_ENDS']],
    ['through a terminal, packed', withReturns(sql), 'gzip < dump > out', ['gzip', 'CRLF'], ['DUMP_LINE_ENDS']],
    ['behind a byte order mark', sql, "(printf '\\xef\\xbb\\xbf'; cat dump) > out", ['byte order mark'], []],
    [
      'an archive behind a byte order mark',
      archive,
      "(printf '\\xef\\xbb\\xbf'; cat dump) > out",
      ['byte order mark'],
      ['DUMP_BEHIND_TEXT'],
    ],
    [
      'packed, behind a byte order mark',
      sql,
      "(printf '\\xef\\xbb\\xbf'; gzip < dump) > out",
      ['byte order mark', 'gzip'],
      ['DUMP_BEHIND_TEXT'],
    ],
    ['packed, behind a banner', sql, '(echo Welcome; gzip < dump) > out', ['preamble', 'gzip'], ['DUMP_BEHIND_TEXT']],
    [
      'packed with xz, behind a banner',
      sql,
      "(printf '\\n\\nWelcome!\\r\\n'; xz < dump) > out",
      ['preamble', 'xz'],
      ['DUMP_BEHIND_TEXT', 'DUMP_PACKED'],
    ],
    ['in UTF-16', utf16(sql, 0xff, 0xfe), 'mv dump out', ['UTF-16'], ['DUMP_IN_UTF16']],
    ['in UTF-16 without a mark', utf16(sql), 'mv dump out', ['UTF-16'], ['DUMP_IN_UTF16']],
    ['in UTF-16, big end first', bigEndian(sql), 'mv dump out', ['UTF-16'], ['DUMP_IN_UTF16']],
    [
      'by PowerShell',
      utf16(withReturns(sql), 0xff, 0xfe),
      'mv dump out',
      ['UTF-16', 'CRLF'],
      ['DUMP_IN_UTF16', 'DUMP_LINE_ENDS'],
    ],
    ['behind a banner', Buffer.concat([Buffer.from(banner), sql]), 'mv dump out', ['preamble'], ['DUMP_BEHIND_TEXT']],
    [
      'an archive behind a banner',
      Buffer.concat([Buffer.from(banner), archive]),
      'mv dump out',
      ['preamble'],
      ['DUMP_BEHIND_TEXT'],
    ],
    [
      'behind a warning of pg_dump',
      Buffer.concat([Buffer.from('pg_dump: warning: circular\n'), archive]),
      'gzip < dump > out',
      ['gzip', 'preamble'],
      ['DUMP_BEHIND_TEXT'],
    ],
  ])('%s is unpacked to the byte', async (what, content, script, layers, warnings) => {
    const opened = await open(await make(content, script));
    expect({ ...opened, warnings: opened.warnings.map(({ rule }) => rule) }).toMatchObject({
      layers,
      warnings,
      wrong: null,
    });
    const bytes = await readFile(opened.inside.file);
    expect(
      bytes.equals(content === archive || what.includes('archive behind') || what.includes('warning') ? archive : sql),
    ).toBe(true);
  });

  test.each([
    ['tar', `${asDirectory}; tar cf out d`],
    ['tar, of what is in it', `${asDirectory}; tar cf out -C d .`],
    ['tar, of before POSIX', `${asDirectory}; tar cf out --format=v7 d`],
    ['tar, of a folder around it', `${asDirectory}; mkdir a; mv d a; tar cf out ./a`],
    ['tar, by names of two kinds', `${asDirectory}; tar cf out d/toc.dat ./d/3001.dat.gz ./d/blobs.toc`],
    ['tar.gz, deep inside', `${asDirectory}; mkdir -p a/b; mv d a/b; tar czf out a`],
    ['tar.xz', `${asDirectory}; tar cJf out d`],
    ['zip', `${asDirectory}; zip -qr out.zip d; mv out.zip out`],
    ['7z', `${asDirectory}; 7z a -bd out.7z d > log; mv out.7z out`],
  ])('the directory of a dump in %s is unpacked', async (_, script) => {
    const { inside, wrong } = await open(await make(archive, script));
    expect({ wrong, isDirectory: inside.isDirectory }).toEqual({ wrong: null, isDirectory: true });
    // 7z makes its directories, too: they are empty.
    expect(await readdir(inside.file)).toEqual(expect.arrayContaining(['3001.dat.gz', 'blobs.toc', 'toc.dat']));
    expect(inside.head.equals(archive)).toBe(true);
  });

  test.each<[packing: string, script: string]>([
    ...['gzip', 'zstd -q', 'xz', 'bzip2', 'lz4 -q'].map(
      (program) => [program, `${program} < dump`] satisfies [string, string],
    ),
    ['zip', 'zip -q - dump'],
    ['tar', 'tar c dump'],
    ['tar.gz', 'tar cz dump'],
    ['7z', '7z a -bd x.7z dump > log; cat x.7z'],
  ])('that was cut is found out, packed with %s', async (_, script) => {
    const content = Buffer.concat([
      sql,
      Buffer.from(Array.from({ length: 30_000 }, (_each, i) => `${i * i * 7919}\n`).join('')),
    ]);
    const whole = await make(content, `(${script}) > out`);
    const bytes = await readFile(whole);
    for (const size of [20, Math.floor(bytes.length / 2), bytes.length - 1100, bytes.length - 1]) {
      await writeFile(whole, bytes.subarray(0, size));
      const { wrong, layers } = await open(whole);
      // Behind the last file, tar has nothing but zeros.
      if (layers[0] === 'tar of files' && size > content.length + 1024) continue;
      expect(wrong?.rule, `${size} of ${bytes.length}`).toMatch(/^ARCHIVE_(TRUNCATED|CORRUPT|NOT_RECOGNISED)$/);
    }
  });

  test.each([
    ['a link', 'ln -s /etc/passwd link; tar cf out link dump'],
    ['a link alone', 'ln -s /etc/passwd link; tar cf out link'],
    ['a hard link', 'ln dump hard; tar cf out dump hard'],
    ['a link in zip', 'ln -s /etc/passwd link; zip -qy out.zip link; mv out.zip out'],
    ['a link in 7z', 'ln -s /etc/passwd link; 7z a -bd -snl out.7z link dump > log; mv out.7z out'],
    ['a path out of it', 'tar cPf out --transform s,^,../../, dump'],
    ['an absolute path', 'tar cPf out $PWD/dump'],
    ['a directory dump with a link', `${asDirectory}; ln -s /etc/passwd d/3002.dat; tar cf out d`],
  ])('of files with %s is not unpacked', async (_, script) => {
    const { wrong, directory } = await open(await make(sql, script));
    expect(wrong?.rule).toBe('ARCHIVE_NOT_RECOGNISED');
    expect(await readdir(directory)).toEqual([]);
  });

  test('that is larger than what may be used is not unpacked', async () => {
    const directory = await makeWorkspace();
    const place = await Place.open(directory, undefined, 1000);
    await expect(
      place.store([Buffer.alloc(600), Buffer.alloc(600)].values() as unknown as AsyncIterable<Buffer>),
    ).rejects.toMatchObject({
      code: 'DISK_FULL',
      message: expect.stringContaining('more than the 1.0 kB that may be used') as string,
    });
    await expect(place.storeDirectory(1001, () => Promise.resolve(null))).rejects.toMatchObject({ code: 'DISK_FULL' });
  });

  test('with a program that is not here is nobody’s fault but the machine’s', async () => {
    const file = await make(sql, 'xz < dump > out');
    const limits = { timeoutMs: 60_000, path: '/nowhere' };
    await expect(unwrap(await asDump(file), await makeWorkspace(), limits)).rejects.toMatchObject({
      code: 'TOOL_NOT_STARTED',
      message: expect.stringContaining('apt-get install xz-utils') as string,
    });
  });
});

describe('a file that is no dump', () => {
  const bytes = (hex: string, length = 64) => Buffer.concat([Buffer.from(hex, 'hex'), Buffer.alloc(length, 0x5a)]);

  test.each<[what: string, content: string | Buffer, rule: string, says: RegExp]>([
    ['OpenSSL', 'Salted__12345678 and so on', 'ARCHIVE_ENCRYPTED', /OpenSSL.*openssl enc -d/],
    ['OpenSSL, in base64', 'U2FsdGVkX18xMjM0', 'ARCHIVE_ENCRYPTED', /OpenSSL/],
    ['age', 'age-encryption.org/v1\n-> X25519', 'ARCHIVE_ENCRYPTED', /age --decrypt/],
    ['age, armoured', '-----BEGIN AGE ENCRYPTED FILE-----\n', 'ARCHIVE_ENCRYPTED', /age --decrypt/],
    ['GnuPG, armoured', '-----BEGIN PGP MESSAGE-----\n', 'ARCHIVE_ENCRYPTED', /gpg --decrypt/],
    ['GnuPG, with a passphrase', bytes('8c0d040903022f'), 'ARCHIVE_ENCRYPTED', /gpg --decrypt/],
    ['GnuPG, for a key of RSA', bytes('85010c03d1a5'), 'ARCHIVE_ENCRYPTED', /gpg --decrypt/],
    ['GnuPG, for a key of a curve', bytes('845e03d1a5'), 'ARCHIVE_ENCRYPTED', /gpg --decrypt/],
    ['rclone', 'RCLONE\0\0abcdefgh', 'ARCHIVE_ENCRYPTED', /rclone/],
    ['an archive through a terminal', withReturns(archive), 'DUMP_THROUGH_TERMINAL', /terminal.*exec -T/],
    ['an archive through PowerShell', utf16(archive, 0xff, 0xfe), 'DUMP_IN_UTF16', /PowerShell.*--file/],
    ['an archive through PowerShell, big end first', bigEndian(archive), 'DUMP_IN_UTF16', /PowerShell/],
    [
      'pg_dumpall',
      '--\n-- PostgreSQL database cluster dump\n--\n\nSET x = 1;\n\n--\n-- Database "shop" dump\n--\n',
      'DUMP_OF_CLUSTER',
      /pg_dumpall.*It holds 1 \(shop\).*pg_dump -Fc/,
    ],
    [
      'pg_dumpall without databases',
      '--\n-- PostgreSQL database cluster dump\n--\n\nCREATE ROLE x;\n',
      'DUMP_OF_CLUSTER',
      /It holds no database/,
    ],
    [
      'a page',
      '<!DOCTYPE html>\n<html><head><title>403 Forbidden</title>',
      'ARCHIVE_NOT_RECOGNISED',
      /HTML page “403 Forbidden”/,
    ],
    [
      'an object store',
      '<?xml version="1.0"?><Error><Code>AccessDenied</Code>',
      'ARCHIVE_NOT_RECOGNISED',
      /XML “AccessDenied”/,
    ],
    ['a service', '{"message":"not found"}', 'ARCHIVE_NOT_RECOGNISED', /JSON/],
    ['django', '[{"model": "auth.user", "pk": 1}]', 'ARCHIVE_NOT_RECOGNISED', /JSON/],
    [
      'pg_dump',
      'pg_dump: error: FATAL:  password authentication failed\n',
      'ARCHIVE_NOT_RECOGNISED',
      /“pg_dump: error: FATAL:  password/,
    ],
    ['docker', 'Error response from daemon: No such container: db\n', 'ARCHIVE_NOT_RECOGNISED', /No such container/],
    ['a shell', 'bash: line 1: pg_dump: command not found\n', 'ARCHIVE_NOT_RECOGNISED', /command not found/],
    ['MySQL', '-- MySQL dump 10.13  Distrib 8.0.36\n--\n', 'ARCHIVE_NOT_RECOGNISED', /MySQL/],
    [
      'MariaDB',
      '/*M!999999\\- enable the sandbox mode */ \n-- MariaDB dump 10.19',
      'ARCHIVE_NOT_RECOGNISED',
      /MariaDB/,
    ],
    ['SQLite', 'SQLite format 3\0\x10\0', 'ARCHIVE_NOT_RECOGNISED', /SQLite/],
    ['Navicat', '/*\n Navicat Premium Data Transfer\n', 'ARCHIVE_NOT_RECOGNISED', /Navicat Premium/],
    ['statements', "INSERT INTO t VALUES ('secret');\n", 'ARCHIVE_NOT_RECOGNISED', /^(?!.*secret).*starts with text/],
    [
      'a list',
      ';\n; Archive created at 2026-02-09 09:48:03 CET\n;     dbname: shop\n',
      'ARCHIVE_NOT_RECOGNISED',
      /pg_restore --list/,
    ],
    ['Git LFS', 'version https://git-lfs.github.com/spec/v1\n', 'ARCHIVE_NOT_RECOGNISED', /git lfs pull/],
    ['base64', archive.toString('base64'), 'ARCHIVE_NOT_RECOGNISED', /base64/],
    ['base64 of plain SQL', sql.toString('base64'), 'ARCHIVE_NOT_RECOGNISED', /base64/],
    ['base64 of gzip', gzipSync(sql).toString('base64'), 'ARCHIVE_NOT_RECOGNISED', /base64/],
    ['hexadecimal digits', `\\x${archive.toString('hex')}\n`, 'ARCHIVE_NOT_RECOGNISED', /hexadecimal.*xxd/],
    ['carriage returns', sql.toString().replaceAll('\n', '\r'), 'DUMP_LINE_ENDS', /carriage returns/],
    ['gzip, read as UTF-8', Buffer.from(gzipSync(sql).toString('utf8')), 'DUMP_TAKEN_FOR_TEXT', /Node\.js/],
    ['gzip, read as Latin-1', Buffer.from(gzipSync(sql).toString('latin1')), 'DUMP_TAKEN_FOR_TEXT', /--file/],
    ['a signature', '-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n', 'ARCHIVE_NOT_RECOGNISED', /GnuPG.*SIGNED/],
    ['GnuPG, not encrypted', bytes('a30278da'), 'ARCHIVE_NOT_RECOGNISED', /without encrypting/],
    ['S/MIME in DER', bytes('3083 0184f0 06092a864886f70d010703'.replaceAll(' ', '')), 'ARCHIVE_ENCRYPTED', /DER/],
    ['S/MIME as a stream', bytes('308006092a864886f70d010703'), 'ARCHIVE_ENCRYPTED', /openssl cms/],
    ['AES Crypt', 'AES\x02\0\0\x1bCREATED_BY', 'ARCHIVE_ENCRYPTED', /aescrypt/],
    ['RAR', 'Rar!\x1a\x07\x01\0', 'ARCHIVE_NOT_RECOGNISED', /unrar/],
    ['lzip', 'LZIP\x01\x0c\0', 'ARCHIVE_NOT_RECOGNISED', /lzip --decompress/],
    ['lzop', bytes('894c5a4f000d0a1a0a'), 'ARCHIVE_NOT_RECOGNISED', /lzop/],
    ['a part of zip', 'PK\x07\x08PK\x03\x04', 'DUMP_IN_PARTS', /zip -s 0/],
    ['the write-ahead log', bytes('10d1020001000000'), 'ARCHIVE_NOT_RECOGNISED', /WAL/],
    ['nothing', Buffer.alloc(9000), 'ARCHIVE_NOT_RECOGNISED', /zero bytes/],
    ['anything', bytes('0102030405060708'), 'ARCHIVE_NOT_RECOGNISED', /bytes 01 02 03 04 05 06 07 08/],
  ])('but of %s is named', async (_, content, rule, says) => {
    for (const script of ['mv dump out', 'gzip < dump > out']) {
      const { wrong } = await open(await make(Buffer.from(content), script));
      expect(wrong?.rule).toBe(rule);
      expect(`${wrong?.message} ${wrong?.remedy}`).toMatch(says);
    }
  });

  test.each([
    [
      'a data directory',
      'mkdir -p global; echo 15 > PG_VERSION; touch global/pg_control; tar czf out PG_VERSION global',
      /pg_basebackup/,
    ],
    ['several files', 'cp dump a.sql; cp dump b.sql; tar cf out a.sql b.sql', /2 files \(a\.sql, b\.sql\).*--backup/],
    ['no file', 'mkdir x; tar cf out x', /nothing in it/],
  ])('but an archive of %s is named', async (_, script, says) => {
    const { wrong } = await open(await make(sql, script));
    expect(`${wrong?.message} ${wrong?.remedy}`).toMatch(says);
  });

  test.each([
    ['zip', 'zip -qP secret out.zip dump; mv out.zip out', /unzip/],
    ['7z', '7z a -bd -psecret out.7z dump > log; mv out.7z out', /7z x/],
    ['7z, names and all', '7z a -bd -psecret -mhe=on out.7z dump > log; mv out.7z out', /7z x/],
  ])('but encrypted by %s is named', async (_, script, says) => {
    const { wrong } = await open(await make(sql, script));
    expect(wrong).toMatchObject({ rule: 'ARCHIVE_ENCRYPTED', remedy: expect.stringMatching(says) as string });
  });

  test('but plain SQL with line ends of two kinds is not guessed at', async () => {
    const content = Buffer.concat([withReturns(sql), Buffer.alloc(70_000, '-'), Buffer.from('\nselect 1;\n')]);
    const { wrong } = await open(await make(content, 'mv dump out'));
    expect(wrong).toMatchObject({ rule: 'DUMP_LINE_ENDS' });
  });

  test('but the start of one is left to pg_restore', async () => {
    expect((await open(await make(Buffer.from('PGD'), 'mv dump out'))).wrong).toBeNull();
  });
});
