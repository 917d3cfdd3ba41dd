import { runProgram } from '../system/run-program.ts';
import type { Diagnosis } from './diagnosis.ts';

interface Optional {
  name: string;
  /** How its own version is asked for. */
  args: string[];
  needed: string;
  /** Debian's package, where it has another name. */
  debian?: string;
}

const unpacks = (what: string) => `dumps that are ${what} need it`;

/** Programs that only some commands, or some dumps, need. */
const optional: Optional[] = [
  { name: 'rclone', args: ['version'], needed: 'copies off-host (offsite, --from-offsite) need it' },
  { name: 'gzip', args: ['--version'], needed: unpacks('compressed with it') },
  { name: 'zstd', args: ['--version'], needed: unpacks('compressed with it') },
  { name: 'xz', args: ['--version'], needed: unpacks('compressed with it'), debian: 'xz-utils' },
  { name: 'bzip2', args: ['--version'], needed: unpacks('compressed with it') },
  { name: 'lz4', args: ['--version'], needed: unpacks('compressed with it') },
  { name: 'unzip', args: ['-v'], needed: unpacks('in a zip archive') },
  { name: '7z', args: ['i'], needed: unpacks('in a 7z archive'), debian: 'p7zip-full' },
  { name: 'tar', args: ['--version'], needed: unpacks('in a tar archive') },
];

/** Which programs there are that backups may need: a rehearsal of anything else does without. */
export function examinePrograms(path: string): Promise<Diagnosis[]> {
  return Promise.all(
    optional.map(async ({ name, args, needed, debian = name }): Promise<Diagnosis> => {
      const result = await runProgram({ file: name, args, env: { PATH: path }, timeoutMs: 10_000 }).catch(() => null);
      // bzip2 says it where errors are said.
      const version = /\d+(?:\.\d+)+/.exec(result?.exitCode === 0 ? result.stdout || result.stderr : '')?.[0];
      if (version !== undefined) return { name, state: 'works', text: version };
      return { name, state: 'may-work', text: `not here; ${needed}`, remedy: `apt-get install ${debian}` };
    }),
  );
}
