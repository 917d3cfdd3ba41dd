import { createHash, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { lstat, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { draftPath, removeDrafts } from '../system/drafts.ts';
import { makeDirectories } from '../system/make-directory.ts';
import { runProgram } from '../system/run-program.ts';

/**
 * Clusters as initdb has made them, for a copy of one takes a tenth of the time. One is made of the same programs, for the
 * same account and superuser, and since this machine has started: what was in memory alone when it lost its power is not used.
 * Each is one archive: from one file system to another, tar writes its thousand files in a third of the time of cp.
 */
export class ClusterCache {
  readonly #directory: string;
  readonly #path: string;

  /** @param path search path for programs */
  constructor(directory: string, path: string) {
    this.#directory = directory;
    this.#path = path;
  }

  /**
   * Copies the cluster of a key to `dataDirectory`, which is not there yet.
   * @returns the password of its superuser; null where there is none, and nothing is left of a copy that failed
   */
  async copyTo(dataDirectory: string, key: string, signal: AbortSignal): Promise<string | null> {
    const entry = join(this.#directory, key);
    if (!existsSync(entry)) return null;
    try {
      if (!(await isPrivate(this.#directory))) return null;
      await removeDrafts(this.#directory);
      const password = await readFile(join(entry, passwordFile), 'utf8');
      await makeDirectories(dataDirectory, 0o700);
      await this.#tar(['-xpf', join(entry, archiveName), '--numeric-owner', '-C', dataDirectory], signal);
      await utimes(entry, new Date(), new Date());
      return password;
    } catch {
      // It is damaged, or somebody has removed it meanwhile.
      await rm(dataDirectory, { recursive: true, force: true });
      if (!signal.aborted) await this.remove(key);
      return null;
    }
  }

  /** Keeps a copy of a cluster whose server has not been started yet. Never throws: without it, the next one takes longer. */
  async keep(dataDirectory: string, key: string, password: string, signal: AbortSignal): Promise<void> {
    let draft: string | null = null;
    try {
      await makeDirectories(this.#directory, 0o700);
      if (!(await isPrivate(this.#directory))) return;
      await removeDrafts(this.#directory);
      draft = await draftPath(this.#directory, key);
      await makeDirectories(draft, 0o700);
      await this.#tar(['-cf', join(draft, archiveName), '--numeric-owner', '-C', dataDirectory, '.'], signal);
      await writeFile(join(draft, passwordFile), password, { mode: 0o600 });
      await rename(draft, join(this.#directory, key));
      await this.#removeOldest();
    } catch {
      if (draft !== null) await rm(draft, { recursive: true, force: true }).catch(() => undefined);
    }
  }

  /** Removes an entry that does not serve. It loses its name first: whoever copies it notices. */
  async remove(key: string): Promise<void> {
    try {
      const draft = await draftPath(this.#directory, randomUUID());
      await rename(join(this.#directory, key), draft);
      await rm(draft, { recursive: true, force: true });
    } catch {
      // Somebody else has done so.
    }
  }

  async #tar(args: string[], signal: AbortSignal): Promise<void> {
    const env = { PATH: this.#path };
    const { exitCode, stderr } = await runProgram({ file: 'tar', args, env, timeoutMs: copyTimeoutMs, signal });
    if (exitCode !== 0) throw new Error(stderr);
  }

  async #removeOldest(): Promise<void> {
    const names = (await readdir(this.#directory)).filter((name) => !name.startsWith('.'));
    const used = await Promise.all(
      names.map(async (name) => ({ name, at: (await stat(join(this.#directory, name))).mtimeMs })),
    );
    const old = used.toSorted((a, b) => b.at - a.at).slice(kept);
    for (const { name } of old) await this.remove(name);
  }
}

/** About 40 MB each. */
const kept = 4;
const copyTimeoutMs = 60_000;
const passwordFile = 'password';
const archiveName = 'data.tar';

/** Whoever else could write there would decide what a server runs. */
async function isPrivate(directory: string): Promise<boolean> {
  const { uid, mode } = await lstat(directory);
  return uid === process.getuid?.() && (mode & 0o077) === 0;
}

/** The start of this machine; null where it does not say that. */
export async function readBootId(): Promise<string | null> {
  return readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => null);
}

/** The name of an entry. Pure. */
export function cacheKey(parts: readonly (string | number | null)[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32);
}
