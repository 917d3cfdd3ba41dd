import { runProgram } from '../system/run-program.ts';
import type { Diagnosis } from './diagnosis.ts';

/** Programs that only some commands need, and how their own help for versions is asked for. */
const optional = [
  { name: 'rclone', args: ['version'], needed: 'npm run offsite and --from-offsite need it' },
  { name: 'gzip', args: ['--version'], needed: 'dumps that are compressed with it need it' },
  { name: 'zstd', args: ['--version'], needed: 'dumps that are compressed with it need it' },
];

/** Which programs there are that backups may need: a rehearsal of anything else does without. */
export function examinePrograms(path: string): Promise<Diagnosis[]> {
  return Promise.all(
    optional.map(async ({ name, args, needed }): Promise<Diagnosis> => {
      const result = await runProgram({ file: name, args, env: { PATH: path }, timeoutMs: 10_000 }).catch(() => null);
      const version = /\d+(?:\.\d+)+/.exec(result?.exitCode === 0 ? result.stdout : '')?.[0];
      if (version !== undefined) return { name, state: 'works', text: version };
      return { name, state: 'may-work', text: `not here; ${needed}`, remedy: `apt-get install ${name}` };
    }),
  );
}
