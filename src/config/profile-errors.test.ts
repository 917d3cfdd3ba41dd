import { describe, expect, test } from 'vitest';
import { describeProfileErrors } from './profile-errors.ts';
import { profileSchema } from './profile.ts';

const minimal = { name: 'x', database: { name: 'app', owner: 'app' }, seed: ['schema.sql'] };
const app = { command: ['x'] };

function problemsOf(profile: unknown): string[] {
  const { error } = profileSchema.safeParse(profile);
  return error === undefined ? [] : describeProfileErrors(error).map(({ message }) => message);
}

test('a good profile has no problems', () => {
  expect(problemsOf(minimal)).toEqual([]);
});

test.for([
  [{ databse: 1 }, 'unknown key "databse"; did you mean "database"?'],
  [{ Seed: 1 }, 'unknown key "Seed"; did you mean "seed"?'],
  [{ postgres: { imgae: 'x' } }, 'unknown key "postgres.imgae"; did you mean "image"?'],
  [{ objectives: { rpoo: '1h' } }, 'unknown key "objectives.rpoo"; did you mean "rpo"?'],
  [{ app: { ...app, envv: {} } }, 'unknown key "app.envv"; did you mean "env"?'],
  [{ app: { ...app, health: { pathh: '/' } } }, 'unknown key "app.health.pathh"; did you mean "path"?'],
  [
    { app: { ...app, probes: [{ path: '/' }, { path: '/', jsn: 1 }] } },
    'unknown key "app.probes.1.jsn"; did you mean "json"?',
  ],
  [{ backups: { directory: 'x', keepDayly: 3 } }, 'unknown key "backups.keepDayly"; did you mean "keepDaily"?'],
  [
    { tolerate: [{ message: 'x', reason: 'y', untill: 'z' }] },
    'unknown key "tolerate.0.untill"; did you mean "until"?',
  ],
  [
    { evidence: { dir: 'x' } },
    'unknown key "evidence.dir"; known keys are directory, frequency, label, signing, metrics, webhook, heartbeat, controls, timestamp',
  ],
  [
    { app: { ...app, health: { timeout: 3 } } },
    'unknown key "app.health.timeout"; known keys are path, status, json, withinMs',
  ],
] as const)('an unknown key names the nearest one, or all: %j', ([change, problem]) => {
  expect(problemsOf({ ...minimal, ...change })).toEqual([problem]);
});

test.for([
  [{ database: undefined, databse: { name: 'a', owner: 'a' } }, 'unknown key "databse"; did you mean "database"?'],
  [{ app: { comand: ['x'] } }, 'unknown key "app.comand"; did you mean "command"?'],
  [{ backups: { directry: 'x' } }, 'unknown key "backups.directry"; did you mean "directory"?'],
  [{ evidence: { signing: { keyy: 'x' } } }, 'unknown key "evidence.signing.keyy"; did you mean "key"?'],
] as const)('what is missing because a key is misspelt is not named as well: %j', ([change, problem]) => {
  expect(problemsOf({ ...minimal, ...change })).toEqual([problem]);
});

const exactlyOne = 'app: needs exactly one of "command", "image" and "url"';
const notDuration = (text: string) => `"${text}" is not a duration; write it like "30s", "60m", "24h" or "7d"`;

describe('a bad value is reported with its place', () => {
  test.for([
    [{ name: undefined }, 'name: Invalid input: expected string, received undefined'],
    [{ name: '../x' }, 'name: has to consist of letters, digits, dots, dashes and underscores'],
    [{ name: '.x' }, 'name: has to consist of letters, digits, dots, dashes and underscores'],
    [{ database: undefined }, 'database: Invalid input: expected object, received undefined'],
    [{ database: { name: 'x' } }, 'database.owner: Invalid input: expected string, received undefined'],
    [{ database: { name: 'é'.repeat(32), owner: 'x' } }, 'database.name: is not a PostgreSQL name (1 to 63 bytes)'],
    [{ database: { name: 'a\0b', owner: 'x' } }, 'database.name: is not a PostgreSQL name (1 to 63 bytes)'],
    [{ database: { name: 'template0', owner: 'x' } }, 'database: names a database of the server itself'],
    [{ database: { name: 'template1', owner: 'x' } }, 'database: names a database of the server itself'],
    [{ postgres: { engine: 'podman' } }, 'postgres.engine: Invalid option: expected one of "auto"|"docker"|"local"'],
    [{ volume: { mayShrinkBy: '120%' } }, 'volume.mayShrinkBy: "120%" is not a percentage; write it like "20%"'],
    [
      { volume: { tables: { bookings: 0.2 } } },
      'volume.tables.bookings: Invalid input: expected string, received number',
    ],
    [
      { database: { name: 'app', owner: 'app', url: 'http://x' } },
      'database.url: has to be a URL that starts with postgres://',
    ],
    [
      { backups: { directory: 'b', compression: '6; rm' } },
      'backups.compression: is not what pg_dump --compress takes, like "6" or "zstd:3"',
    ],
    [{ seed: 'schema.sql' }, 'seed: Invalid input: expected array, received string'],
    [{ tables: [1] }, 'tables.0: Invalid input: expected string, received number'],
    [{ app: {} }, exactlyOne],
    [{ app: { ...app, image: 'x' } }, exactlyOne],
    [{ app: { ...app, url: 'http://127.0.0.1' } }, exactlyOne],
    [{ app: { image: 'x', url: 'http://127.0.0.1' } }, exactlyOne],
    [{ app: { command: 'npm start' } }, 'app.command: has to be a list: the program and its arguments'],
    [{ app: { command: [] } }, 'app.command.0: Invalid input: expected string, received undefined'],
    [{ app: { url: 'ftp://127.0.0.1' } }, 'app.url: has to be a URL that starts with http:// or https://'],
    [{ app: { ...app, port: 0 } }, 'app.port: Too small: expected number to be >=1'],
    [
      { app: { ...app, env: { PORT: 1 } } },
      'app.env: has to be an object whose values are strings, or a function that returns one',
    ],
    [
      { app: { ...app, env: 'PORT=1' } },
      'app.env: has to be an object whose values are strings, or a function that returns one',
    ],
    [{ app: { ...app, health: { path: 'health' } } }, 'app.health.path: has to start with /'],
    [{ app: { ...app, health: { status: 99 } } }, 'app.health.status: Too small: expected number to be >=100'],
    [{ app: { ...app, health: { withinMs: 0 } } }, 'app.health.withinMs: Too small: expected number to be >0'],
    [{ app: { ...app, probes: [{ path: '/', method: 'get' }] } }, /^app\.probes\.0\.method: .*"GET"\|"POST"/],
    [{ app: { ...app, probes: [{}] } }, 'app.probes.0.path: Invalid input: expected string, received undefined'],
    [{ ownership: 'mine' }, 'ownership: Invalid option: expected one of "runbook"|"preserve"'],
    [{ roles: ['é'.repeat(32)] }, 'roles.0: is not a PostgreSQL name (1 to 63 bytes)'],
    [{ extensions: 'postgis' }, 'extensions: Invalid input: expected array, received string'],
    [{ tolerate: [{ message: 'x' }] }, 'tolerate.0.reason: Invalid input: expected string, received undefined'],
    [{ tolerate: [{ message: 'x', reason: 'y', until: 'soon' }] }, 'tolerate.0.until: Invalid ISO date'],
    [{ writes: [''] }, 'writes.0: Too small: expected string to have >=1 characters'],
    [{ backups: {} }, 'backups.directory: Invalid input: expected string, received undefined'],
    [{ backups: { directory: 'x', keepDaily: 0 } }, 'backups.keepDaily: Too small: expected number to be >0'],
    [{ evidence: { signing: {} } }, 'evidence.signing: takes one of key and command'],
    [
      { evidence: { signing: { command: ['c'] } } },
      'evidence.signing: takes publicKey with command: signatures are checked with it',
    ],
    [
      { evidence: { timestamp: 'ldap://authority' } },
      'evidence.timestamp: has to be an address that starts with https:// or http://',
    ],
    [{ evidence: { frequency: 'daily' } }, `evidence.frequency: ${notDuration('daily')}`],
    [{ objectives: { rto: 60 } }, 'objectives.rto: Invalid input: expected string, received number'],
    ...['', '60', '-5m', '0s', 'soon', '5 parsecs', '1e3m', '0.0001ms', '99999999999999y', '9'.repeat(120)].map(
      (text) => [{ objectives: { rto: text } }, `objectives.rto: ${notDuration(text)}`] as const,
    ),
  ] as const)('%j', ([change, problem]) => {
    const problems = problemsOf({ ...minimal, ...change });
    expect(problems).toHaveLength(1);
    if (typeof problem === 'string') expect(problems).toEqual([problem]);
    else expect(problems[0]).toMatch(problem);
  });
});

test.for([
  ['90s', 90_000],
  ['60m', 3_600_000],
  ['1.5h', 5_400_000],
  ['24 hours', 86_400_000],
  ['7d', 604_800_000],
  ['1.4ms', 1],
] as const)('the duration %s is %i ms', ([text, ms]) => {
  expect(profileSchema.parse({ ...minimal, objectives: { rto: text } }).objectives.rto).toBe(ms);
});
