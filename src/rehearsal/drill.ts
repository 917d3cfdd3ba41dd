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
export type Choices = Pick<Settings, 'backup' | 'fromOffsite' | 'source' | 'image' | 'secondOracle'>;

/** A profile, and where it came from. */
type ProfileSource = Pick<LoadedProfile, 'profile' | 'directory'> & { file?: string | null };

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
  readonly profile: Readonly<Profile>;
  readonly profileDirectory: string;
  /** Where the profile was read; null where it was made up. */
  readonly profileFile: string | null;
  readonly choices: Choices;
  readonly logins: Logins;
  readonly stopwatch = new Stopwatch();
  /** Deadline of a tool in place of the one that follows from the objectives. */
  readonly toolTimeoutMs: number | null;

  constructor(
    run: Run,
    { profile, directory, file = null }: ProfileSource,
    choices: Partial<Choices> = {},
    { logins = makeLogins(), toolTimeoutMs = null }: { logins?: Logins; toolTimeoutMs?: number | null } = {},
  ) {
    this.run = run;
    this.profile = profile;
    this.profileDirectory = directory;
    this.profileFile = file;
    this.choices = { backup: null, fromOffsite: false, source: null, image: null, secondOracle: null, ...choices };
    this.logins = logins;
    this.toolTimeoutMs = toolTimeoutMs;
    const { admin, reader, operator, ownerPassword } = logins;
    run.secrets.push(...[admin, reader, operator].map(({ password }) => password), ownerPassword);
  }

  /** The same database with another run, profile or deadline. Whoever restores it is another one, too. */
  with(changes: Partial<Pick<Drill, 'run' | 'profile' | 'toolTimeoutMs' | 'choices'>>): Drill {
    const { run = this.run, profile = this.profile, toolTimeoutMs = this.toolTimeoutMs } = changes;
    const { choices = this.choices } = changes;
    const source = { profile, directory: this.profileDirectory, file: this.profileFile };
    const logins = { ...this.logins, operator: randomLogin('operator') };
    return new Drill(run, source, choices, { logins, toolTimeoutMs });
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
