import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { filesLayer, type ArchivedFile } from './files-layer.ts';
import { packedCorrupt, packedTruncated } from './layer-findings.ts';
import { runUnpacker } from './run-unpacker.ts';

const program = { file: 'unzip', debian: 'unzip' };
const what = 'a zip archive';

export const zip = filesLayer<'zip'>({
  name: 'zip',
  what,
  readByPath: true,
  command: 'unzip',
  recognise: (head) => head.toString('latin1', 0, 4) === 'PK\x03\x04',
  async list({ file }, limits) {
    const { exitCode, stdout, stderr } = await runUnpacker(program, { args: ['-Z', '-s', file] }, limits);
    // 1 stands for a warning.
    if (exitCode > 1) return broken(stdout + stderr);
    return stdout.split('\n').flatMap((line) => readLine(line) ?? []);
  },
  async read({ file }, name, store, limits) {
    const call = { args: ['-p', file, quoted(name)], consumeStdout: store };
    const { exitCode, stderr } = await runUnpacker(program, call, limits);
    return exitCode <= 1 ? null : broken(stderr);
  },
  async unpack({ file }, { path, names }, directory, limits) {
    for (const name of names) {
      const consumeStdout = (source: AsyncIterable<Buffer>) =>
        pipeline(source, createWriteStream(join(directory, name), { flags: 'wx', mode: 0o600 }));
      const call = { args: ['-p', file, `${quoted(path)}${name}`], consumeStdout };
      const { exitCode, stderr } = await runUnpacker(program, call, limits);
      if (exitCode > 1) return broken(stderr);
    }
    return null;
  },
});

/** unzip takes names for patterns. */
function quoted(path: string): string {
  return path.replace(/[[\]*?\\]/g, '\\$&');
}

/** `-rw-r--r--  3.0 unx    12345 tx defN 26-Nov-28 22:52 dump/toc.dat` */
function readLine(line: string): ArchivedFile | null {
  const [, type, size, name] = /^([-dlbcps?])\S+ +[\d.]+ +\S+ +(\d+) \S+ +\S+ \S+ \S+ (.*)$/.exec(line) ?? [];
  if (name === undefined) return null;
  const isFile = type === '-' || type === 'p'; // a pipe stands for what came through standard input
  const kind = name.endsWith('/') || type === 'd' ? 'directory' : isFile ? 'file' : 'other';
  return { name, sizeBytes: Number(size), kind };
}

function broken(output: string) {
  return /End-of-central-directory signature not found|unexpected end|missing \d+ bytes/i.test(output)
    ? packedTruncated(`in ${what}`)
    : packedCorrupt(`in ${what}`);
}
