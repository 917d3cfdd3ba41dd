import os from 'node:os';
import { readFileSync } from 'node:fs';
import type { Environment } from '../system/environment.ts';
import type { Evidence } from '../evidence/schema.ts';
import { runProgram } from '../system/run-program.ts';

/** Who or what started the rehearsal, and which state of the profile's repository it was started from. */
export async function readTrigger({ path, trigger }: Environment, directory: string): Promise<Evidence['trigger']> {
  const git = async (...args: string[]): Promise<string | null> => {
    const command = { file: 'git', args: ['-C', directory, ...args], env: { PATH: path }, timeoutMs: 10_000 };
    const result = await runProgram(command).catch(() => null);
    return result?.exitCode === 0 ? result.stdout.trim() : null;
  };
  const [commit, changes] = await Promise.all([git('rev-parse', 'HEAD'), git('status', '--porcelain')]);
  return { ...trigger, commit, dirty: changes === null ? null : changes !== '' };
}

/** The machine that rehearses, by name. */
export const hostName = (): string => os.hostname();

/** What the harness runs on. */
export function describeHost(): Pick<Evidence['environment'], 'harness' | 'node' | 'os'> {
  const manifest = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  const { version } = JSON.parse(manifest) as { version: string };
  return { harness: version, node: process.versions.node, os: `${os.type()} ${os.release()} ${os.arch()}` };
}
