import type { LoadedProfile } from '../config/load-profile.ts';
import type { Profile } from '../config/profile.ts';
import type { Settings } from '../config/settings.ts';
import { findDefaultProfile } from '../terminal/default-profile.ts';
import { suggest } from '../terminal/suggest.ts';
import { randomLogin, randomPassword } from '../postgres/random-login.ts';
import type { Login } from '../postgres/reader.ts';
import type { Run } from './run.ts';
import { Stopwatch } from './stopwatch.ts';

/** What flags say of the backup and the server that it is restored into; without them, the profile decides. */
export type Choices = Pick<
  Settings,
  'backup' | 'newestIn' | 'fromOffsite' | 'source' | 'image' | 'secondOracle' | 'globals' | 'disk' | 'faithful'
>;

/** A profile, and where it came from. */
type ProfileSource = Pick<LoadedProfile, 'profile' | 'directory'> & { file?: string | null; isAssumed?: boolean };

/** Roles of a drill. */
export interface Logins {
  admin: Login;
  /** Reads what is compared. Its name is one that no dump has. */
  reader: Login;
  /** Restores with owners and privileges, and is there only meanwhile. */
  operator: Login;
  ownerPassword: string;
}

/** The database that a run is about: what its profile says, what flags say otherwise, and who logs in. */
export class Drill {
  readonly run: Run;
  /** Whether nobody has written a profile: the backup says what is known of the database, once it has been read. */
  readonly isAssumed: boolean;
  readonly profileDirectory: string;
  /** Where the profile was read; null where it was made up. */
  readonly profileFile: string | null;
  readonly choices: Choices;
  readonly logins: Logins;
  readonly stopwatch = new Stopwatch();
  /** Which of the rehearsals of backups it is, for commands that do the same once more. */
  rehearsal: 'latest-backup' | 'upgrade' = 'latest-backup';
  /** Deadline of a tool in place of the one that follows from the objectives. */
  readonly toolTimeoutMs: number | null;
  #profile: Readonly<Profile>;

  constructor(
    run: Run,
    { profile, directory, file = null, isAssumed = false }: ProfileSource,
    choices: Partial<Choices> = {},
    { logins = makeLogins(), toolTimeoutMs = null }: { logins?: Logins; toolTimeoutMs?: number | null } = {},
  ) {
    this.run = run;
    this.#profile = profile;
    this.isAssumed = isAssumed;
    this.profileDirectory = directory;
    this.profileFile = file;
    this.choices = {
      backup: null,
      newestIn: null,
      fromOffsite: false,
      source: null,
      image: null,
      secondOracle: null,
      ...choices,
    };
    this.logins = logins;
    this.toolTimeoutMs = toolTimeoutMs;
    const { admin, reader, operator, ownerPassword } = logins;
    run.secrets.push(...[admin, reader, operator].map(({ password }) => password), ownerPassword);
  }

  get profile(): Readonly<Profile> {
    return this.#profile;
  }

  /** Takes what a backup says for the profile, where nobody has written one. What flags say still counts. */
  adopt(profile: Readonly<Profile>): void {
    if (!this.isAssumed) throw new Error('A profile that somebody wrote stays what it is.');
    const { postgres, evidence } = this.#profile;
    this.#profile = { ...profile, postgres, evidence };
  }

  /** The same database with another run, profile or deadline. Whoever restores it is another one, too. */
  with(changes: Partial<Pick<Drill, 'run' | 'profile' | 'toolTimeoutMs' | 'choices'>>): Drill {
    const { run = this.run, profile = this.profile, toolTimeoutMs = this.toolTimeoutMs } = changes;
    const { choices = this.choices } = changes;
    const { isAssumed, profileDirectory: directory, profileFile: file } = this;
    const source = { profile, directory, file, isAssumed };
    const logins = { ...this.logins, operator: randomLogin('operator') };
    return new Drill(run, source, choices, { logins, toolTimeoutMs });
  }

  /** The command that rehearses the same once more, in another image. An address may hold a secret, and is not shown. */
  suggestImage(image: string): string {
    const { backup, newestIn, fromOffsite, source, globals = null } = this.choices;
    const config = this.profileFile ?? findDefaultProfile();
    const isSecret = source !== null || (backup !== null && /^https?:.*[?@]/i.test(backup));
    if (isSecret) return `the same command once more, with --image ${image}`;
    const given = { config, backup, newestIn, fromOffsite, globals, image };
    const isDefault = backup !== null && this.rehearsal === 'latest-backup';
    return suggest('rehearse', given, isDefault ? [] : [this.rehearsal]);
  }

  /** The command that rehearses the newest dump of a directory, to be typed as it stands. */
  suggestNewest(directory: string): string {
    return suggest('rehearse', { newestIn: directory, config: this.profileFile ?? findDefaultProfile() }, [
      'latest-backup',
    ]);
  }

  /** A command for this profile, to be typed as it stands. */
  suggest(command: 'backup' | 'offsite'): string {
    return suggest(command, { config: this.profileFile ?? findDefaultProfile() });
  }
}

function makeLogins(): Logins {
  return {
    admin: { user: 'rehearsal_admin', password: randomPassword() },
    reader: randomLogin('reader'),
    operator: randomLogin('operator'),
    ownerPassword: randomPassword(),
  };
}
