import { mkdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { readEnvironment, type Environment } from '../system/environment.ts';
import { makePrivateDirectory } from '../system/private-directory.ts';
import { OperationalError } from '../system/operational-error.ts';
import { redact } from '../system/redact.ts';

/** One rehearsal at work, whatever it is about: its directory, its secrets, what has to go when it is over, its interruption. */
export class Run implements AsyncDisposable {
  readonly environment: Environment;
  readonly keep: boolean;
  /** Private directory; its name is unique and names the rehearsal's other resources. */
  readonly directory: string;
  /** Name of this rehearsal's containers and networks. */
  readonly id: string;
  /** Aborted when the rehearsal is interrupted. */
  readonly signal: AbortSignal;
  /** Ages are taken from here. */
  readonly startedAt: Date;
  /** What must not be shown, wherever it turns up: passwords of ours, and what the application is given. */
  readonly secrets: string[];

  readonly #resources: { name: string; resource: AsyncDisposable }[] = [];
  readonly #abort: AbortController;
  readonly #left: string[] = [];
  #disposal: Promise<void> = Promise.resolve();

  private constructor(keep: boolean, directory: string, original?: Run) {
    this.environment = readEnvironment();
    this.keep = keep;
    this.directory = directory;
    this.id = original?.id ?? basename(directory).toLowerCase();
    this.#abort = original === undefined ? new AbortController() : original.#abort;
    this.signal = this.#abort.signal;
    this.secrets = original?.secrets ?? [];
    this.startedAt = original?.startedAt ?? new Date();
  }

  static async create({ keep = false } = {}): Promise<Run> {
    const { temporaryDirectory, path } = readEnvironment();
    return new Run(keep, await makePrivateDirectory(temporaryDirectory, keep, path));
  }

  /**
   * A part of this run with a directory and resources of its own. It is disposed of with this one, if not before.
   * @param name of its directory
   */
  async fork(name: string): Promise<Run> {
    const directory = join(this.directory, name);
    await mkdir(directory, { mode: 0o700 });
    return this.use(name, new Run(this.keep, directory, this));
  }

  /** Takes charge of a resource: it is disposed of with the run, the last one first. */
  async use<Resource extends AsyncDisposable>(name: string, resource: Resource): Promise<Resource> {
    this.#resources.push({ name, resource });
    if (this.signal.aborted) {
      await this.#disposeResources();
      throw new OperationalError('INTERRUPTED', `The rehearsal was interrupted while it started: ${name}.`);
    }
    return resource;
  }

  /** Ends everything that runs, so that the step at work comes to its end, too. */
  interrupt(): void {
    if (this.signal.aborted) return;
    this.#abort.abort();
    void this.#disposeResources();
  }

  /** Disposes of everything, when no step is at work any more. Resolves with what could not be removed; never throws. */
  async dispose(): Promise<string[]> {
    await this.#disposeResources();
    if (!this.keep) {
      // What has just been killed may still be writing its last file.
      const patience = { maxRetries: 10, retryDelay: 50 };
      await this.#attempt(this.directory, () => rm(this.directory, { recursive: true, force: true, ...patience }));
    }
    return this.#left;
  }

  /** As a resource of the run that it is a fork of. */
  async [Symbol.asyncDispose](): Promise<void> {
    const left = await this.dispose();
    if (left.length > 0) throw new Error(left.join('; '));
  }

  #disposeResources(): Promise<void> {
    this.#disposal = this.#disposal.then(async () => {
      for (let next = this.#resources.pop(); next !== undefined; next = this.#resources.pop()) {
        const { name, resource } = next;
        await this.#attempt(name, () => resource[Symbol.asyncDispose]());
      }
    });
    return this.#disposal;
  }

  async #attempt(name: string, remove: () => PromiseLike<void>): Promise<void> {
    try {
      await remove();
    } catch (error) {
      const reason = redact(error instanceof Error ? error.message : String(error), this.secrets);
      this.#left.push(`${name} (${reason})`);
    }
  }
}
