import { streamInput } from '../../postgres/archive-input.ts';
import { isTarArchive } from '../../postgres/archive-header.ts';
import { filesLayer, type ArchivedFile } from './files-layer.ts';
import { packedCorrupt, packedTruncated } from './layer-findings.ts';
import { runUnpacker } from './run-unpacker.ts';

const program = { file: 'tar', debian: 'tar' };
const what = 'a tar archive';

/** A tar archive that is not pg_dump's own (-Ft): of a directory dump, or of a file. */
export const tarOfFiles = filesLayer<'tar of files'>({
  name: 'tar of files',
  what,
  readByPath: false,
  command: 'tar --extract',
  recognise: (head) => (head.toString('latin1', 257, 262) === 'ustar' || isOldHeader(head)) && !isTarArchive(head),
  async list(dump, limits) {
    const args = ['--list', '--verbose', '--numeric-owner', '--full-time', '--quoting-style=escape', '--file=-'];
    const { exitCode, stdout, stderr } = await runUnpacker(program, { args, ...streamInput(dump) }, limits);
    if (exitCode !== 0) return broken(stderr);
    return stdout.split('\n').flatMap((line) => readLine(line) ?? []);
  },
  async read(dump, name, store, limits) {
    // tar undoes the escapes of its own list.
    const args = ['--extract', '--to-stdout', '--no-wildcards', '--file=-', '--', name];
    const call = { args, consumeStdout: store, ...streamInput(dump) };
    const { exitCode, stderr } = await runUnpacker(program, call, limits);
    return exitCode === 0 ? null : broken(stderr);
  },
  async unpack(dump, _files, directory, limits) {
    const own = ['--no-same-owner', '--no-same-permissions', '--keep-old-files'];
    // Without paths: all of them are in one directory, whatever they are called from.
    const args = ['--extract', ...own, '--transform=s,.*/,,', `--directory=${directory}`, '--file=-'];
    const { exitCode, stderr } = await runUnpacker(program, { args, ...streamInput(dump) }, limits);
    return exitCode === 0 ? null : broken(stderr);
  },
});

/** Before POSIX there was no magic string, but a checksum, which is counted with blanks in its own place. */
function isOldHeader(head: Buffer): boolean {
  const header = head.subarray(0, 512);
  const [, octal] = /^ *([0-7]{4,6})[\0 ]/.exec(header.toString('latin1', 148, 156)) ?? [];
  if (header.length < 512 || header[0] === 0 || octal === undefined) return false;
  const bytes = Buffer.from(header).fill(' ', 148, 156);
  return bytes.reduce((sum, byte) => sum + byte, 0) === parseInt(octal, 8);
}

/** `-rw-r--r-- 0/0    1234 2026-02-09 09:48:03 dump/toc.dat` */
function readLine(line: string): ArchivedFile | null {
  const [, type, size, name] = /^(.)\S+ +\S+\/\S+ +([\d,]+) \S+ \S+ (.*)$/.exec(line) ?? [];
  if (name === undefined) return null;
  const kind = type === '-' ? 'file' : type === 'd' ? 'directory' : 'other';
  return { name, sizeBytes: Number(size), kind };
}

function broken(stderr: string) {
  return /Unexpected EOF|unexpected end/i.test(stderr) ? packedTruncated(`in ${what}`) : packedCorrupt(`in ${what}`);
}
