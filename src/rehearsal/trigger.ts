import os from 'node:os';
import type { Environment } from '../system/environment.ts';
import type { Evidence } from '../evidence/schema.ts';
import { version } from '../system/version.ts';
import { runProgram } from '../system/run-program.ts';

/** Who or what started the rehearsal, and which state of the profile's repository it was started from: unknown where there is none. */
export async function readTrigger(
  { path, git, trigger }: Environment,
  directory: string,
): Promise<Evidence['trigger']> {
  // Without optional locks, git leaves the index of a repository alone that may be read only.
  const ask = (...args: string[]) =>
    runProgram({
      ...{ file: 'git', args: ['--no-optional-locks', '-C', directory, ...args] },
      ...{ env: { ...git, PATH: path, LC_ALL: 'C' }, timeoutMs: 10_000 },
    }).catch(() => null);
  const [head, changes] = await Promise.all([ask('rev-parse', 'HEAD'), ask('status', '--porcelain')]);
  const dirty = changes?.exitCode === 0 ? changes.stdout !== '' : null;
  if (head?.exitCode === 0) return { ...trigger, commit: head.stdout.trim(), dirty, commitReason: null };
  const commitReason = head === null ? 'git is not here, or does not answer' : explain(head.stderr);
  return { ...trigger, commit: null, dirty: null, commitReason };
}

/** Why git knows no commit, without paths of this machine. */
function explain(complaint: string): string {
  if (complaint.includes('not a git repository')) return 'the profile is in no git repository';
  if (complaint.includes('dubious ownership')) {
    return 'the repository belongs to another account, and git does not trust it (git config --global --add safe.directory)';
  }
  return /unknown revision|ambiguous argument/.test(complaint)
    ? 'the repository has no commit yet'
    : 'git cannot read the repository';
}

/** The machine that rehearses, by name. */
export const hostName = (): string => os.hostname();

/** What the harness runs on. */
export function describeHost(): Pick<Evidence['environment'], 'harness' | 'node' | 'os'> {
  return { harness: version(), node: process.versions.node, os: `${os.type()} ${os.release()} ${os.arch()}` };
}
