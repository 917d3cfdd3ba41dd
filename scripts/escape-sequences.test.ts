import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { makeProfile } from '../fixtures/testing/profiles.ts';
import { makePlace, startCommand } from '../fixtures/testing/run-rehearse.ts';
import { sampleOf } from '../fixtures/testing/sample.ts';
import { commands } from '../src/commands/commands.ts';
import { variableOf } from '../src/commands/flags.ts';
import { flagName, type CommandName } from '../src/terminal/suggest.ts';

const evil = '\u001b[31mevil\u009b32m\u0007\u202e';
/** All but line feed and tab. */
const control = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/;

/** What lets each command come so far that it speaks of all it is given, but start no server and reach none. */
const usual: Record<CommandName, string[]> = {
  rehearse: ['latest-backup', '--engine', 'local'],
  plan: [],
  merge: ['--plan', fileURLToPath(import.meta.url), 'parts'],
  backup: [],
  offsite: ['--to', 'nowhere:'],
  prune: [],
  nightly: [],
  restore: ['--backup', fileURLToPath(import.meta.url), '--url', 'postgres://a@127.0.0.1:1/b'],
  doctor: ['--engine', 'local'],
  init: ['--yes', '--dry-run', '--database', 'a'],
  explain: ['NO_ENGINE'],
  'evidence keygen': [],
  'evidence verify': [],
  'evidence index': [],
  'evidence adopt': [],
  'evidence status': [],
  'evidence list': [],
  'evidence show': ['a'],
  'evidence export': ['--from', '2026-01-01', '--to', '2026-03-31', '--out', 'a.zip'],
  'evidence note': ['a', '--by', 'b', '--text', 'c'],
};

/** What a command does not speak of, for it fails before. */
const silent = [
  'rehearse --image',
  'rehearse --backup',
  'backup --compose-project',
  'backup --dir',
  ...['--to', '--dir', '--table', '--schema', '--diff', '--with'].map((flag) => `restore ${flag}`),
  'doctor --image',
  // The plan is read first, and is none.
  'merge a name',
  ...['--label', '--controls', '--config', '--metrics', '--reports', '--timestamp'].map((flag) => `merge ${flag}`),
  // The directory that is named alone counts.
  ...['verify', 'index', 'adopt', 'status', 'list', 'show', 'note', 'export'].map(
    (word) => `evidence ${word} --config`,
  ),
  ...['--key', '--tsa-certificate'].map((flag) => `evidence verify ${flag}`),
  // What they make of these in a ledger that is there, evidence-commands.test.ts tests.
  'evidence status --only',
  ...['--out', '--public-key'].map((flag) => `evidence export ${flag}`),
  ...['--database', '--rehearsal'].map((flag) => `evidence list ${flag}`),
  ...['REHEARSAL_SIGN_OFF', '--by', '--text', '--action', '--retest'].map((flag) => `evidence note ${flag}`),
];

interface Case {
  what: string;
  args: string[];
  env?: Record<string, string>;
}

test.for(Object.keys(commands) as CommandName[])(
  'npm run %s hands no escape sequence on to the terminal',
  async (name) => {
    const { flags } = await commands[name]();
    const { temporaryDirectory, reports } = await makePlace();
    const database = { name: evil, owner: 'b', url: 'postgres://a@127.0.0.1:1/b' };
    const profile = await makeProfile({ database, backups: { directory: evil } });
    const ofProfile = 'config' in flags ? ['--config', profile] : [];
    const args = [...ofProfile, ...usual[name], ...('reports' in flags ? ['--reports', reports] : [])];
    const env = { TMPDIR: temporaryDirectory, REHEARSAL_PG_BINDIR: join(temporaryDirectory, evil) };
    const [toggles, values] = [true, false].map((takesNone) =>
      Object.keys(flags).filter((key) => (flags[key]?.value === null) === takesNone),
    ) as [string[], string[]];
    const cases: Case[] = [
      { what: 'a name', args: [evil] },
      { what: 'an unknown flag', args: [`--${evil}`] },
      ...toggles.slice(0, 1).map((key) => ({ what: variableOf(key), args: [], env: { [variableOf(key)]: evil } })),
      ...values.map((key) => {
        const value = flags[key]?.value === 'URL' ? `postgres://${evil}@127.0.0.1:1/b` : join(temporaryDirectory, evil);
        return { what: flagName(key), args: [flagName(key), value] };
      }),
    ];
    const run = async ({ what, args: own, env: variables }: Case) => {
      const { stdout, stderr } = await startCommand(name, [...args, ...own], { ...env, ...variables });
      expect.soft(stdout, what).not.toMatch(control);
      expect.soft(stderr, what).not.toMatch(control);
      if (!silent.includes(`${name} ${what}`)) expect.soft(stdout + stderr, what).toContain('evil');
    };
    const drawn = sampleOf(cases, () => name, 3);
    while (drawn.length > 0) await Promise.all(drawn.splice(0, 3).map(run));
  },
);
