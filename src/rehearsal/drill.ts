import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Application } from '../app/application.ts';
import { readEnvironment, type Environment } from '../config/environment.ts';
import type { LoadedProfile } from '../config/load-profile.ts';
import type { Profile } from '../config/profile.ts';
import type { DisposableServer } from '../engine/engine.ts';
import type { Connection } from '../postgres/connection.ts';
import { RehearsalError } from '../rehearsal-error.ts';
import type { OpenSnapshot } from '../snapshot/take.ts';

/** A dump that this rehearsal took. */
export interface Dump {
  file: string;
  sizeBytes: number;
}

/** What the steps of one rehearsal hand to each other, and what has to go away when it is over. */
export class Drill {
  readonly profile: Readonly<Profile>;
  readonly profileDirectory: string;
  readonly environment: Environment;
  readonly keep: boolean;
  /** Private directory; its name is unique and names the rehearsal's other resources. */
  readonly directory: string;
  /** Aborted when the rehearsal is interrupted. */
  readonly signal: AbortSignal;
  readonly admin = { user: 'rehearsal_admin', password: randomPassword() };
  readonly ownerPassword = randomPassword();

  server: DisposableServer | null = null;
  application: Application | null = null;
  reference: OpenSnapshot | null = null;
  dump: Dump | null = null;
  /** Monotonic times in milliseconds (`performance.now()`) of what RTO and RPO are measured from. */
  readonly marks = new Map<Mark, number>();

  readonly #resources: { name: string; resource: AsyncDisposable }[] = [];
  readonly #abort: AbortController;
  #disposal: Promise<string[]> | null = null;

  private constructor({ profile, directory: profileDirectory }: LoadedProfile, keep: boolean, directory: string) {
    this.profile = profile;
    this.profileDirectory = profileDirectory;
    this.environment = readEnvironment();
    this.keep = keep;
    this.directory = directory;
    this.#abort = new AbortController();
    this.signal = this.#abort.signal;
  }

  static async create(loaded: LoadedProfile, keep: boolean): Promise<Drill> {
    const { temporaryDirectory } = readEnvironment();
    return new Drill(loaded, keep, await mkdtemp(join(temporaryDirectory, 'restore-rehearsal-')));
  }

  get id(): string {
    return basename(this.directory).toLowerCase();
  }

  get secrets(): string[] {
    return [this.admin.password, this.ownerPassword];
  }

  /** The rehearsed database, with the role that owns it. */
  get database(): Connection {
    const { name, owner } = this.profile.database;
    return { ...this.need('server').admin, user: owner, password: this.ownerPassword, database: name };
  }

  /** The rehearsed database, with the superuser, who sees every row. */
  get databaseAsAdmin(): Connection {
    return { ...this.need('server').admin, database: this.profile.database.name };
  }

  /** What an earlier step left; without it the step that asks must not have been reached. */
  need<Key extends 'server' | 'application' | 'reference' | 'dump'>(key: Key): NonNullable<Drill[Key]> {
    const value = this[key];
    if (value === null) throw new Error(`The step that provides the ${key} has not run.`);
    return value;
  }

  /** Milliseconds between two marks, whole. */
  between(from: Mark, to: Mark): number {
    const [start, end] = [this.marks.get(from), this.marks.get(to)];
    if (start === undefined || end === undefined) throw new Error(`Nothing was measured from ${from} to ${to}.`);
    return Math.round(end - start);
  }

  mark(mark: Mark, at = performance.now()): void {
    this.marks.set(mark, at);
  }

  /** Takes charge of a resource: it is disposed of with the drill, the last one first. */
  async use<Resource extends AsyncDisposable>(name: string, resource: Resource): Promise<Resource> {
    if (this.#disposal !== null) {
      await resource[Symbol.asyncDispose]();
      throw new RehearsalError('INTERRUPTED', `The rehearsal was interrupted while it started: ${name}.`);
    }
    this.#resources.push({ name, resource });
    return resource;
  }

  /** Ends everything now, whatever step is running. */
  interrupt(): void {
    this.#abort.abort();
    void this.dispose();
  }

  /** Disposes of everything once. Resolves with what could not be removed; never throws. */
  dispose(): Promise<string[]> {
    this.#disposal ??= this.#disposeAll();
    return this.#disposal;
  }

  async #disposeAll(): Promise<string[]> {
    const left: string[] = [];
    const attempt = async (name: string, remove: () => PromiseLike<void>) => {
      try {
        await remove();
      } catch (error) {
        left.push(`${name} (${error instanceof Error ? error.message : String(error)})`);
      }
    };
    for (const { name, resource } of this.#resources.toReversed()) {
      await attempt(name, () => resource[Symbol.asyncDispose]());
    }
    if (!this.keep) await attempt(this.directory, () => rm(this.directory, { recursive: true, force: true }));
    return left;
  }
}

type Mark = 'snapshot' | 'gone' | 'probed' | 'recreated' | 'restored' | 'compared' | 'answering';

function randomPassword(): string {
  return randomBytes(24).toString('base64url');
}
