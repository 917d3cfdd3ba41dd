import { filesLayer, type ArchivedFile } from './files-layer.ts';
import { packedCorrupt, packedTruncated } from './layer-findings.ts';
import { runUnpacker } from './run-unpacker.ts';
import { encryptedBy } from '../format/encrypted.ts';

const program = { file: '7z', debian: 'p7zip-full' };
const what = 'a 7z archive';
/** An empty password: it would ask for one. */
const quiet = ['-bd', '-y', '-p'];

export const sevenZip = filesLayer<'7z'>({
  name: '7z',
  what,
  readByPath: true,
  command: '7z x',
  recognise: (head) => head.toString('hex', 0, 6) === '377abcaf271c',
  async list({ file }, limits) {
    const { exitCode, stdout, stderr } = await runUnpacker(program, { args: ['l', '-slt', ...quiet, file] }, limits);
    if (exitCode !== 0) return broken(stdout + stderr);
    const [, entries = ''] = stdout.split(/^-{5,}$/m);
    if (/^Encrypted = \+$/m.test(entries)) return encryptedBy('7z with a password');
    return entries.split(/\n\s*\n/).flatMap((entry) => readEntry(entry) ?? []);
  },
  async read({ file }, name, store, limits) {
    const call = { args: ['x', '-so', '-spd', ...quiet, '--', file, name], consumeStdout: store };
    const { exitCode, stderr } = await runUnpacker(program, call, limits);
    return exitCode === 0 ? null : broken(stderr);
  },
  async unpack({ file }, _files, directory, limits) {
    // Without paths: all of them are in one directory.
    const args = ['e', `-o${directory}`, ...quiet, file];
    const { exitCode, stdout, stderr } = await runUnpacker(program, { args }, limits);
    return exitCode === 0 ? null : broken(stdout + stderr);
  },
});

function readEntry(entry: string): ArchivedFile | null {
  const field = (name: string) => new RegExp(`^${name} = (.*)$`, 'm').exec(entry)?.[1];
  const name = field('Path');
  if (name === undefined) return null;
  const attributes = field('Attributes') ?? '';
  const isOther = /(?:^| )[lbcps][-r][-w]/.test(attributes) || /^[^ ]*L/.test(attributes);
  const kind = attributes.startsWith('D') ? 'directory' : isOther ? 'other' : 'file';
  return { name, sizeBytes: Number(field('Size')), kind };
}

function broken(output: string) {
  if (/Wrong password|Cannot open encrypted archive/i.test(output)) return encryptedBy('7z with a password');
  return /Unexpected end of (?:archive|data)|Headers? Error|is not archive|Can ?not open/i.test(output)
    ? packedTruncated(`in ${what}`)
    : packedCorrupt(`in ${what}`);
}
