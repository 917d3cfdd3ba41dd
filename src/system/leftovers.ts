import { lstat, readdir, readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Environment } from './environment.ts';
import type { Sweep } from './drafts.ts';
import { belongsTo, endProcessesOf, listMarkedProcesses } from './marked.ts';
import { judgeOwner } from './owner.ts';
import { parsePrivateName } from './private-directory.ts';

/** What a killed rehearsal left on this machine: its private directory, and the processes that belong to it. */
export interface Leftover {
  directory: string;
  processes: number;
}

/** What the user asked to keep. */
export interface KeptServer {
  name: string;
  /** One sentence for a person. */
  description: string;
  endCommand: string;
}

/**
 * Finds what rehearsals of this account left in the temp directory: those whose owner is dead, and those that were kept.
 * Those of other accounts, machines and containers, and of harnesses that are at work, are passed over.
 */
export async function findLeftovers(environment: Environment): Promise<{ leftovers: Leftover[]; kept: KeptServer[] }> {
  const { path, temporaryDirectory } = environment;
  const processes = await listMarkedProcesses(path);
  // The directory may be gone, and its processes not.
  const ours = processes.filter(({ uid }) => uid === process.getuid?.());
  const homes = ours.flatMap((marked) => marked.homes).filter((home) => dirname(home) === temporaryDirectory);
  const names = await readdir(temporaryDirectory).catch(() => []);
  const directories = new Set([...names.map((name) => join(temporaryDirectory, name)), ...homes]);
  const leftovers: Leftover[] = [];
  const kept: KeptServer[] = [];
  for (const directory of directories) {
    const name = parsePrivateName(directory);
    if (name === null || !(await isOursOrGone(directory))) continue;
    if ((await judgeOwner(name.owner, path)) !== 'dead') continue;
    const own = processes.filter((marked) => belongsTo(marked, [directory]));
    if (name.kept) kept.push(await describeKept(directory, own.length));
    else leftovers.push({ directory, processes: own.length });
  }
  return { leftovers, kept };
}

/** Removes what killed rehearsals of this account left on this machine. Never throws. */
export async function removeLeftovers(environment: Environment): Promise<Sweep> {
  const sweep: Sweep = { removed: [], failed: [] };
  try {
    const { leftovers } = await findLeftovers(environment);
    for (const { directory } of leftovers) await remove(directory, environment.path, sweep);
  } catch (error) {
    sweep.failed.push(`what is left in ${environment.temporaryDirectory} (${describe(error)})`);
  }
  return sweep;
}

async function remove(directory: string, path: string, sweep: Sweep): Promise<void> {
  try {
    const processes = await endProcessesOf(directory, path);
    // A symbolic link is removed, never followed.
    await rm(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
    sweep.removed.push(describeLeftover({ directory, processes }));
  } catch (error) {
    sweep.failed.push(`${directory} (${describe(error)})`);
  }
}

/** A leftover in words. Pure. */
export function describeLeftover({ directory, processes }: Leftover): string {
  return processes === 0 ? directory : `${directory} with ${processes} process${processes === 1 ? '' : 'es'}`;
}

/** Another account's directory or a symbolic link of that name is none of ours. */
async function isOursOrGone(directory: string): Promise<boolean> {
  try {
    const found = await lstat(directory);
    return found.isDirectory() && found.uid === process.getuid?.();
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT';
  }
}

async function describeKept(directory: string, processes: number): Promise<KeptServer> {
  const pidFile = join(directory, 'pg', 'data', 'postmaster.pid');
  const [pid] = (await readFile(pidFile, 'utf8').catch(() => '')).split('\n');
  const remove = `rm -r ${directory}`;
  if (processes > 0 && pid !== undefined && pid !== '') {
    return {
      name: directory,
      description: `local server, process ${pid}`,
      endCommand: `kill -INT ${pid} && sleep 1 && ${remove}`,
    };
  }
  return { name: directory, description: 'directory, no local server runs in it', endCommand: remove };
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
