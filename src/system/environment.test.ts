import { realpathSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { directoryOfPerson, readEnvironment } from './environment.ts';

test('an empty environment has a usable search path, the account that runs here and no CI', () => {
  expect(readEnvironment({})).toEqual({
    path: '/usr/local/bin:/usr/bin:/bin',
    temporaryDirectory: tmpdir(),
    docker: null,
    cacheDirectory: null,
    postgresBinDirectory: null,
    reaperDisabled: false,
    reaperImage: null,
    databasePassword: null,
    libpq: {},
    rclone: {},
    proxies: null,
    git: {},
    desktop: {},
    signing: { key: null, keyFile: null, variables: {} },
    decryption: {
      ageIdentity: null,
      ageIdentityFile: null,
      agePassphrase: null,
      agePassphraseFile: null,
      gpgKey: null,
      gpgKeyFile: null,
      gpgPassphrase: null,
      gpgPassphraseFile: null,
      gnupg: {},
    },
    commands: {},
    telling: { webhook: null, heartbeat: null, stepSummary: null },
    scheduler: {},
    trigger: { by: userInfo().username, ci: null },
    githubActions: false,
  });
});

test.for([
  [{ PATH: '/a:/b' }, { path: '/a:/b' }],
  [{ HOME: '/home/a' }, { cacheDirectory: '/home/a/.cache/restore-rehearsal' }],
  [{ HOME: '/home/a', XDG_CACHE_HOME: '/var/cache/a' }, { cacheDirectory: '/var/cache/a/restore-rehearsal' }],
  [{ HOME: '/home/a', XDG_CACHE_HOME: 'a' }, { cacheDirectory: '/home/a/.cache/restore-rehearsal' }],
  [{ REHEARSAL_PG_BINDIR: '/opt/pg/bin' }, { postgresBinDirectory: '/opt/pg/bin' }],
  [{ TESTCONTAINERS_RYUK_DISABLED: 'true' }, { reaperDisabled: true }],
  [{ TESTCONTAINERS_RYUK_DISABLED: 'false' }, { reaperDisabled: false }],
  [{ RYUK_CONTAINER_IMAGE: 'mirror/ryuk:1' }, { reaperImage: 'mirror/ryuk:1' }],
  [
    { HTTPS_PROXY: 'http://p:1', https_proxy: 'http://q:1', NO_PROXY: 'a,b' },
    { proxies: { httpProxy: '', httpsProxy: 'http://q:1', noProxy: 'a,b' } },
  ],
  [{ PGPASSWORD: 'of production' }, { databasePassword: 'of production' }],
  [
    {
      RCLONE_CONFIG: '/c',
      AWS_PROFILE: 'p',
      SSH_AUTH_SOCK: '/s',
      HOME: '/h',
      https_proxy: 'p',
      AWS_CA_BUNDLE: '/b',
      PGUSER: 'u',
    },
    { rclone: { RCLONE_CONFIG: '/c', AWS_PROFILE: 'p', SSH_AUTH_SOCK: '/s', HOME: '/h', https_proxy: 'p' } },
  ],
  [
    { REHEARSAL_SIGNING_KEY: 'a key', VAULT_ADDR: 'v' },
    { signing: { key: 'a key', keyFile: null, variables: { VAULT_ADDR: 'v' } } },
  ],
  [{ REHEARSAL_SIGNING_KEY_FILE: '/k' }, { signing: { key: null, keyFile: '/k' } }],
  [{ REHEARSAL_AGE_IDENTITY_FILE: '/k' }, { decryption: { ageIdentity: null, ageIdentityFile: '/k' } }],
  [{ GNUPGHOME: '/g', PGUSER: 'u' }, { decryption: { gnupg: { GNUPGHOME: '/g' } } }],
  [{ GITHUB_ACTIONS: 'true' }, { githubActions: true }],
  [{ GITHUB_ACTIONS: 'false' }, { githubActions: false }],
] as const)('%j is read', ([env, expected]) => {
  expect(readEnvironment(env)).toMatchObject(expected);
});

test.for(['PATH', 'REHEARSAL_PG_BINDIR', 'RYUK_CONTAINER_IMAGE', 'GITHUB_ACTOR', 'CI', 'CI_JOB_URL'])(
  'an empty %s is as good as none',
  (name) => {
    expect(readEnvironment({ [name]: '' })).toEqual(readEnvironment({}));
  },
);

describe('what triggered a rehearsal', () => {
  test.for([
    [
      'on GitHub is the person and the run',
      {
        CI: 'true',
        GITHUB_ACTIONS: 'true',
        GITHUB_ACTOR: 'octocat',
        GITHUB_SERVER_URL: 'https://github.example',
        GITHUB_REPOSITORY: 'a/b',
        GITHUB_RUN_ID: '42',
      },
      { by: 'octocat', ci: 'https://github.example/a/b/actions/runs/42' },
    ],
    [
      'on GitLab is the person and the job',
      { CI: 'true', GITLAB_USER_LOGIN: 'tanuki', CI_JOB_URL: 'https://gitlab.example/jobs/7' },
      { by: 'tanuki', ci: 'https://gitlab.example/jobs/7' },
    ],
    [
      'on Jenkins is the account and the build',
      { BUILD_URL: 'https://ci.example/job/1/' },
      { by: userInfo().username, ci: 'https://ci.example/job/1/' },
    ],
    ['on another CI is the account and "CI"', { CI: '1' }, { by: userInfo().username, ci: 'CI' }],
    ['where CI is false is the account', { CI: 'false' }, { by: userInfo().username, ci: null }],
  ] as const)('%s', ([, env, trigger]) => {
    expect(readEnvironment(env).trigger).toEqual(trigger);
  });
});

describe('the directory of the person', () => {
  const root = realpathSync(fileURLToPath(new URL('../..', import.meta.url)));
  const elsewhere = realpathSync(tmpdir());
  const npm = { INIT_CWD: elsewhere, npm_package_json: join(root, 'package.json') };

  test.for([
    ['where npm runs a script of ours', { ...npm, npm_lifecycle_script: 'node scripts/start.mjs rehearse' }, elsewhere],
    ['where npm runs our program', { ...npm, npm_lifecycle_script: 'restore-rehearsal backup' }, elsewhere],
    ['where yarn does not say what it runs', npm, elsewhere],
    ['without npm', {}, root],
    ['inside of another script', { ...npm, npm_lifecycle_script: 'vitest run' }, root],
    ['where a script has gone elsewhere', { ...npm, npm_package_json: '/elsewhere/package.json' }, root],
    ['where it is gone', { ...npm, INIT_CWD: '/no/such/directory' }, root],
  ] as const)('%s', ([, env, expected]) => {
    expect(directoryOfPerson(env, root)).toBe(expected);
  });
});
