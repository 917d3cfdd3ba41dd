import { mkdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Application } from '../app/application.ts';
import { readEnvironment, type Environment } from '../config/environment.ts';
import type { BackupSet } from '../backup/backup-set.ts';
import type { DumpDescription } from '../backup/dump-description.ts';
import type { Examination } from '../backup/examine.ts';
import type { LoadedProfile } from '../config/load-profile.ts';
import { defaultProfile, suggest } from '../config/suggest.ts';
import type { Profile } from '../config/profile.ts';
import type { Settings } from '../config/settings.ts';
import type { DisposableServer, Engine } from '../engine/engine.ts';
import { makePrivateDirectory } from '../files/private-directory.ts';
import type { DumpFile } from '../postgres/archive-input.ts';
import type { DisposableConnection } from '../postgres/disposable.ts';
import type { DumpedContents } from '../postgres/plain-dump-contents.ts';
import type { Contribution } from '../evidence/contribution.ts';
import type { Evidence } from '../evidence/schema.ts';
import { randomLogin, randomPassword } from '../postgres/random-login.ts';
import type { Login } from '../postgres/reader.ts';
import { OperationalError } from '../system/operational-error.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import type { OpenSnapshot } from '../snapshot/take.ts';
import type { Writers } from './writers.ts';

/** A dump that is rehearsed, and what its bytes are. Of one that was packed as a whole, hash and size are those of the packed one. */
export interface Dump extends DumpFile {
  sha256: string;
  sizeBytes: number;
}

/** What flags say of the backup and the server that it is restored into; without them, the profile decides. */
export type Choices = Pick<Settings, 'backup' | 'fromOffsite' | 'source' | 'image'>;

/** A backup that somebody else took, chosen to be rehearsed. */
export interface ChosenBackup {
  set: BackupSet;
  examination: Examination;
  /** What is restored: the dump of the set, or what was in it where it had been packed. */
  dump: DumpFile;
  description: DumpDescription;
  takenAt: Date;
}

/** A profile, and where it came from. */
type ProfileSource = Pick<LoadedProfile, 'profile' | 'directory'> & { file?: string | null };

/** What the steps of one rehearsal hand to each other, and what has to go away when it is over. */
export class Drill implements AsyncDisposable {
  readonly profile: Readonly<Profile>;
  readonly profileDirectory: string;
  /** Where the profile was read; null where it was made up. */
  readonly profileFile: string | null;
  readonly environment: Environment;
  readonly keep: boolean;
  /** Private directory; its name is unique and names the rehearsal's other resources. */
  readonly directory: string;
  /** Aborted when the rehearsal is interrupted. */
  readonly signal: AbortSignal;
  readonly admin: Login;
  /** Reads what is compared. Its name is one that no dump has. */
  readonly reader: Login;
  /** Restores with owners and privileges, and is there only meanwhile. */
  readonly operator = randomLogin('operator');
  readonly ownerPassword: string;
  /** What must not be shown, wherever it turns up: passwords of ours, and what the application is given. */
  readonly secrets: string[];

  /** Name of this rehearsal's containers and networks. */
  readonly id: string;

  /** Who provided the server, and can provide another one. */
  engine: Engine | null = null;
  server: DisposableServer | null = null;
  application: Application | null = null;
  reference: OpenSnapshot | null = null;
  /** What the restored database has to hold. */
  expected: Snapshot | null = null;
  dump: Dump | null = null;
  choices: Choices = { backup: null, fromOffsite: false, source: null, image: null };
  backup: ChosenBackup | null = null;
  /** When the rehearsal started: ages are taken from here. */
  readonly startedAt = new Date();
  /** What the dump holds by its own account, where there is no manifest to say what the source held. */
  contents: DumpedContents | null = null;
  /** What is known of the age of the data in the restored database. */
  freshness: Contribution | null = null;
  /** Row counts of the restored database, by table. */
  counts: Evidence['counts'] = {};
  writers: Writers | null = null;
  /** Name of the database that is restored into: the source's own, unless it is restored beside it. */
  restoredName: string;
  /** Monotonic times in milliseconds (`performance.now()`) of what RTO and RPO are measured from. */
  readonly marks = new Map<Milestone, number>();
  /** Deadline of a tool in place of the one that follows from the objectives. */
  toolTimeoutMs: number | null = null;

  readonly #resources: { name: string; resource: AsyncDisposable }[] = [];
  readonly #abort: AbortController;
  readonly #left: string[] = [];
  #disposal: Promise<void> = Promise.resolve();

  private constructor(
    { profile, directory: profileDirectory, file = null }: ProfileSource,
    keep: boolean,
    directory: string,
    original?: Drill,
  ) {
    this.profile = profile;
    this.restoredName = profile.database.name;
    this.profileDirectory = profileDirectory;
    this.profileFile = file;
    this.environment = readEnvironment();
    this.keep = keep;
    this.directory = directory;
    this.id = original?.id ?? basename(directory).toLowerCase();
    this.admin = original?.admin ?? { user: 'rehearsal_admin', password: randomPassword() };
    this.reader = original?.reader ?? randomLogin('reader');
    this.ownerPassword = original?.ownerPassword ?? randomPassword();
    this.secrets = [this.admin, this.reader, this.operator].map(({ password }) => password).concat(this.ownerPassword);
    this.engine = original?.engine ?? null;
    this.server = original?.server ?? null;
    this.#abort = original === undefined ? new AbortController() : original.#abort;
    this.signal = this.#abort.signal;
  }

  static async create(
    loaded: ProfileSource,
    { keep = false, ...choices }: Partial<Choices & { keep: boolean }> = {},
  ): Promise<Drill> {
    const { temporaryDirectory, path } = readEnvironment();
    const drill = new Drill(loaded, keep, await makePrivateDirectory(temporaryDirectory, keep, path));
    drill.choices = { ...drill.choices, ...choices };
    return drill;
  }

  /**
   * A drill on the same server with a directory, a target database and resources of its own. It is disposed of with this
   * one, if not before.
   * @param name of its directory, and of the database that it restores into
   */
  async fork(name: string, profile: Readonly<Profile>): Promise<Drill> {
    const directory = join(this.directory, name);
    await mkdir(directory, { mode: 0o700 });
    const source = { profile, directory: this.profileDirectory, file: this.profileFile };
    const copy = new Drill(source, this.keep, directory, this);
    copy.restoredName = name;
    return this.use(name, copy);
  }

  /** The rehearsed database, with the role that owns it. */
  get database(): DisposableConnection {
    const { name, owner } = this.profile.database;
    return { ...this.need('server').admin, user: owner, password: this.ownerPassword, database: name };
  }

  /** The rehearsed database, with the superuser. */
  get databaseAsAdmin(): DisposableConnection {
    return { ...this.need('server').admin, database: this.profile.database.name };
  }

  /** The rehearsed database, with the role that sees every row and may do nothing. */
  get databaseAsReader(): DisposableConnection {
    return { ...this.databaseAsAdmin, ...this.reader };
  }

  /** The database that is restored into, with the role that owns it. */
  get restored(): DisposableConnection {
    return { ...this.database, database: this.restoredName };
  }

  /** The database that is restored into, with the superuser. */
  get restoredAsAdmin(): DisposableConnection {
    return { ...this.need('server').admin, database: this.restoredName };
  }

  /** The database that is restored into, with the role that sees every row and may do nothing. */
  get restoredAsReader(): DisposableConnection {
    return { ...this.restoredAsAdmin, ...this.reader };
  }

  /** What an earlier step left; without it the step that asks must not have been reached. */
  need<Key extends 'engine' | 'server' | 'application' | 'reference' | 'expected' | 'dump' | 'writers' | 'backup'>(
    key: Key,
  ): NonNullable<Drill[Key]> {
    const value = this[key];
    if (value === null) throw new Error(`The step that provides the ${key} has not run.`);
    return value;
  }

  /** A command for this profile, to be typed as it stands. */
  suggest(command: 'backup' | 'offsite'): string {
    return suggest(command, { config: this.profileFile ?? defaultProfile });
  }

  /** Milliseconds between two marks, whole. */
  between(from: Milestone, to: Milestone): number {
    const [start, end] = [this.marks.get(from), this.marks.get(to)];
    if (start === undefined || end === undefined) throw new Error(`Nothing was measured from ${from} to ${to}.`);
    return Math.round(end - start);
  }

  mark(mark: Milestone, at = performance.now()): void {
    this.marks.set(mark, at);
  }

  /** Takes charge of a resource: it is disposed of with the drill, the last one first. */
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

  /** As a resource of the drill that it is a fork of. */
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
      this.#left.push(`${name} (${error instanceof Error ? error.message : String(error)})`);
    }
  }
}

export type Milestone =
  | 'snapshot'
  | 'gone'
  | 'chosen'
  | 'served'
  | 'examined'
  | 'probed'
  | 'recreated'
  | 'restored'
  | 'compared'
  | 'answering';
