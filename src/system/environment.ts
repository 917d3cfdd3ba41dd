import { existsSync, realpathSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';

/** What the harness takes from its own environment, apart from the flags' REHEARSAL_ variables (see settings.ts). */
export interface Environment {
  /** Search path for programs: ours, and the only variable that child processes inherit. */
  path: string;
  temporaryDirectory: string;
  /** Ours, for what can be made again; null where there is no home. It need not be there. */
  cacheDirectory: string | null;
  /** Where Docker is, and how it is asked, if somebody says so. */
  docker: { host: string; verifies: boolean; certificates: string | null } | null;
  /** Directory of the local engine's PostgreSQL programs, if the user names one. */
  postgresBinDirectory: string | null;
  /** Set where Testcontainers' clean-up container is switched off by the user. */
  reaperDisabled: boolean;
  reaperImage: string | null;
  /** PGPASSWORD: of a database that a URL without a password names. */
  databasePassword: string | null;
  /** libpq's variables that say how to connect, TLS above all: for servers that a URL names, never for a disposable one. */
  libpq: Record<string, string>;
  /** For rclone alone: its own variables, and those that tell it and its backends where configuration and credentials are. */
  rclone: Record<string, string>;
  /** Through which servers the web is reached, and what is reached without; null where there are none. A login in them is a secret. */
  proxies: Proxies | null;
  /** For evidence: a key in PEM, a file that holds one, and for a program that signs all that its account has. */
  signing: { key: string | null; keyFile: string | null; variables: Record<string, string> };
  /** What opens encrypted backups: keys and passphrases, or files that hold them; for gpg, where its keyring and agent are. */
  decryption: Record<DecryptionSecret, string | null> & { gnupg: Record<string, string> };
  /** For programs of the user's that a profile names: all that their account has. */
  commands: Record<string, string>;
  /** Whom to tell of a run: addresses that are secrets, and the file that GitHub shows with a step. */
  telling: { webhook: string | null; heartbeat: string | null; stepSummary: string | null };
  /** For git alone: where its configuration is, which says whose directories it trusts. */
  git: Record<string, string>;
  /** For programs with a window: where it goes, and whose it is. */
  desktop: Record<string, string>;
  trigger: { by: string; ci: string | null };
  /** Which of several jobs this is, as their scheduler says it: see choose-shard.ts. */
  scheduler: Record<string, string>;
  githubActions: boolean;
}

export interface Proxies {
  httpProxy: string;
  httpsProxy: string;
  noProxy: string;
}

export type DecryptionSecret =
  | 'ageIdentity'
  | 'ageIdentityFile'
  | 'agePassphrase'
  | 'agePassphraseFile'
  | 'gpgKey'
  | 'gpgKeyFile'
  | 'gpgPassphrase'
  | 'gpgPassphraseFile';

function readDocker(env: NodeJS.ProcessEnv): Environment['docker'] {
  const { DOCKER_HOST: host, DOCKER_TLS_VERIFY: verify, DOCKER_CERT_PATH: certificates = null } = env;
  return host === undefined ? null : { host, verifies: verify !== undefined, certificates };
}

/** Reads the process environment. Nothing else in the harness does. */
export function readEnvironment(variables: NodeJS.ProcessEnv = process.env): Environment {
  // CI systems set variables that they have nothing for to an empty text.
  const env = Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== ''));
  return {
    path: env['PATH'] ?? '/usr/local/bin:/usr/bin:/bin',
    temporaryDirectory: tmpdir(),
    cacheDirectory: cacheDirectory(env),
    docker: readDocker(env),
    postgresBinDirectory: env['REHEARSAL_PG_BINDIR'] ?? null,
    reaperDisabled: env['TESTCONTAINERS_RYUK_DISABLED'] === 'true',
    reaperImage: env['RYUK_CONTAINER_IMAGE'] ?? null,
    databasePassword: env['PGPASSWORD'] ?? null,
    libpq: pick(env, howToConnect),
    rclone: pick(env, forRclone),
    proxies: findProxies(env),
    signing: {
      key: env['REHEARSAL_SIGNING_KEY'] ?? null,
      keyFile: env['REHEARSAL_SIGNING_KEY_FILE'] ?? null,
      // Every KMS has variables of its own for where it is, and who may use it.
      variables: pick(env, /./),
    },
    decryption: {
      ageIdentity: env['REHEARSAL_AGE_IDENTITY'] ?? null,
      ageIdentityFile: env['REHEARSAL_AGE_IDENTITY_FILE'] ?? null,
      agePassphrase: env['REHEARSAL_AGE_PASSPHRASE'] ?? null,
      agePassphraseFile: env['REHEARSAL_AGE_PASSPHRASE_FILE'] ?? null,
      gpgKey: env['REHEARSAL_GPG_KEY'] ?? null,
      gpgKeyFile: env['REHEARSAL_GPG_KEY_FILE'] ?? null,
      gpgPassphrase: env['REHEARSAL_GPG_PASSPHRASE'] ?? null,
      gpgPassphraseFile: env['REHEARSAL_GPG_PASSPHRASE_FILE'] ?? null,
      gnupg: pick(env, forGnupg),
    },
    commands: pick(env, /./),
    telling: {
      webhook: env['REHEARSAL_WEBHOOK'] ?? null,
      heartbeat: env['REHEARSAL_HEARTBEAT'] ?? null,
      stepSummary: env['GITHUB_STEP_SUMMARY'] ?? null,
    },
    git: pick(env, forGit),
    desktop: pick(env, forDesktop),
    trigger: { by: env['GITHUB_ACTOR'] ?? env['GITLAB_USER_LOGIN'] ?? accountName(), ci: ciRun(env) },
    scheduler: pick(env, forShards),
    githubActions: env['GITHUB_ACTIONS'] === 'true',
  };
}

/** As curl has them: in small letters first. */
function findProxies(env: NodeJS.ProcessEnv): Proxies | null {
  const valueOf = (name: string) => env[name] ?? env[name.toUpperCase()] ?? '';
  const [httpProxy, httpsProxy, noProxy] = [valueOf('http_proxy'), valueOf('https_proxy'), valueOf('no_proxy')];
  return httpProxy === '' && httpsProxy === '' ? null : { httpProxy, httpsProxy, noProxy };
}

/** See "XDG Base Directory Specification": a path that is not absolute is to be ignored. */
function cacheDirectory({ XDG_CACHE_HOME: named, HOME: home }: NodeJS.ProcessEnv): string | null {
  const base = [named, home === undefined ? undefined : join(home, '.cache')].find((path) => path?.startsWith('/'));
  return base === undefined ? null : join(base, 'restore-rehearsal');
}

function pick(env: NodeJS.ProcessEnv, wanted: RegExp): Record<string, string> {
  const chosen = Object.entries(env).filter(([name]) => wanted.test(name));
  return Object.fromEntries(chosen) as Record<string, string>;
}

/**
 * Where to, and as whom, is the URL's. Settings of sessions (PGOPTIONS, PGTZ, PGDATESTYLE, PGCLIENTENCODING, PGGEQO) are for
 * sessions of the person: ours have their own.
 */
const howToConnect =
  /^PG(?:SSL(?:MODE|ROOTCERT|CERT|KEY|CRL|CRLDIR|SNI|MINPROTOCOLVERSION|MAXPROTOCOLVERSION)|CHANNELBINDING|REQUIREAUTH|REQUIREPEER|GSSENCMODE|GSSLIB|KRBSRVNAME)$/;

/** Not where the repository is (GIT_DIR): that is found from the profile. */
const forGit = /^(?:HOME|XDG_CONFIG_HOME|GIT_CONFIG_\w+|GIT_CEILING_DIRECTORIES|GIT_DISCOVERY_ACROSS_FILESYSTEM)$/;

/** Of the screen, the session and the person's choices. */
const forDesktop =
  /^(?:DISPLAY|WAYLAND_DISPLAY|XAUTHORITY|XDG_\w+|DBUS_SESSION_BUS_ADDRESS|DESKTOP_SESSION|\w+_DESKTOP_\w+|BROWSER|HOME|USER|LOGNAME|LANG|WSL_\w+)$/;

/** Not AWS_CA_BUNDLE: rclone ends at once where it is set (it has RCLONE_CA_CERT). */
const forRclone =
  /^(?:RCLONE_\w+|AWS_(?!CA_BUNDLE$)\w+|AZURE_\w+|OS_\w+|GOOGLE_APPLICATION_CREDENTIALS|HOME|USER|XDG_CONFIG_HOME|SSH_AUTH_SOCK|SSL_CERT_FILE|SSL_CERT_DIR|(?:https?|all|no)_proxy)$/i;

const forShards =
  /^(?:JOB_COMPLETION_INDEX|CI_NODE_(?:INDEX|TOTAL)|AWS_BATCH_JOB_ARRAY_(?:INDEX|SIZE)|CIRCLE_NODE_(?:INDEX|TOTAL)|BUILDKITE_PARALLEL_JOB(?:_COUNT)?)$/;

const forGnupg = /^(?:GNUPGHOME|HOME|USER|LOGNAME|XDG_RUNTIME_DIR|SSH_AUTH_SOCK)$/;

/**
 * Where the person stands: paths that they type start there. npm runs a script in the directory of its package.json, and says in
 * INIT_CWD where it was typed. Programs that a script starts elsewhere inherit that variable, and are not meant.
 */
export function directoryOfPerson(env: NodeJS.ProcessEnv, workingDirectory: string): string {
  const { INIT_CWD: typedIn = '', npm_package_json: manifest = '', npm_lifecycle_script: script = ourScript } = env;
  const isOurs = script.includes(ourScript) || script.includes('start.mjs');
  const isOfNpm = isOurs && isAbsolute(manifest) && isSameFile(dirname(manifest), workingDirectory);
  return isOfNpm && isAbsolute(typedIn) && existsSync(typedIn) ? typedIn : workingDirectory;
}

function isSameFile(one: string, other: string): boolean {
  return existsSync(one) && realpathSync(one) === realpathSync(other);
}

const ourScript = 'restore-rehearsal';

/** For processes that run rehearsals: all of ours, without what only the command itself needs. */
export function variablesOfWorkers(): NodeJS.ProcessEnv {
  const ofCommand = ['REHEARSAL_SIGNING_KEY', 'REHEARSAL_WEBHOOK', 'REHEARSAL_HEARTBEAT'];
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !ofCommand.includes(name)));
}

/** Switches off Testcontainers' clean-up container, for which it has no other interface than its environment variable. */
export function disableReaper(): void {
  process.env['TESTCONTAINERS_RYUK_DISABLED'] = 'true';
}

/** Keeps PGOPTIONS from `body`: node-postgres takes it where it is given no options, and has no other interface for none. */
export function withoutPgOptions<T>(body: () => T): T {
  const before = process.env['PGOPTIONS'];
  delete process.env['PGOPTIONS'];
  try {
    return body();
  } finally {
    if (before !== undefined) process.env['PGOPTIONS'] = before;
  }
}

function accountName(): string {
  try {
    return userInfo().username;
  } catch {
    // An account without an entry in passwd, as in many containers.
    return `uid ${process.getuid?.() ?? 'unknown'}`;
  }
}

function ciRun(env: NodeJS.ProcessEnv): string | null {
  if (env['GITHUB_ACTIONS'] === 'true') {
    return `${env['GITHUB_SERVER_URL'] ?? ''}/${env['GITHUB_REPOSITORY'] ?? ''}/actions/runs/${env['GITHUB_RUN_ID'] ?? ''}`;
  }
  return env['CI_JOB_URL'] ?? env['BUILD_URL'] ?? (env['CI'] === undefined || env['CI'] === 'false' ? null : 'CI');
}
