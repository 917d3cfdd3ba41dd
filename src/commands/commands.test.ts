import { describe, expect, test } from 'vitest';
import { suggest } from '../terminal/suggest.ts';
import { commands } from './commands.ts';
import { variableOf } from './flags.ts';
import { parserOf } from './parser.ts';

describe.for(Object.entries(commands))('the help of %s', ([name, load]) => {
  test('says every flag and fits on a terminal', async () => {
    const command = await load();
    let help = '';
    parserOf(command)
      .configureOutput({ writeOut: (text) => (help += text) })
      .outputHelp();
    const lines = help.split('\n');
    expect(lines[0]).toContain(`Usage: npm run ${name.replace(/ |$/, ' -- ')}`);
    expect(lines.filter((line) => line.length > 90)).toEqual([]);
    for (const [key, { value, help: text }] of Object.entries(command.flags)) {
      const flag = variableOf(key).replace('REHEARSAL_', '--').toLowerCase().replaceAll('_', '-');
      expect(help).toContain(`\n  ${flag}${value === null ? '' : ` ${value}`} `);
      expect(help.replace(/\s+/g, ' ')).toContain(text);
    }
    expect(help).toContain('\n  -h, --help ');
    expect(help).toMatch(/^Exit status: 0 .*2 /ms);
    expect(help.includes('Every flag has a variable')).toBe(
      Object.values(command.flags).some(({ onlyTyped }) => !onlyTyped),
    );
    expect(help).not.toContain('undefined');
  });
});

test('a suggestion names only flags that there are', () => {
  const config = 'other profile.mjs';
  expect(suggest('restore', { config, backup: 'a.dump', acceptDifferences: true, switch: false })).toBe(
    "npm run restore -- --backup a.dump --accept-differences --config $'other profile.mjs'",
  );
  expect(suggest('restore', { config, rollback: true, to: '-shop_before' })).toContain(
    ' --rollback --to=-shop_before ',
  );
  expect(suggest('rehearse', { config: 'rehearsal.config.ts' }, ['latest-backup'])).toBe(
    'npm run rehearse -- latest-backup',
  );
  expect(suggest('prune', { config: 'rehearsal.config.ts', dryRun: null as never })).toBe('npm run prune');
  const wrong = [
    // @ts-expect-error There is no such flag.
    () => suggest('backup', { config, swich: true }),
    // @ts-expect-error It is one of another command.
    () => suggest('prune', { config, backup: 'a.dump' }),
    // @ts-expect-error It takes a value.
    () => suggest('backup', { config, dir: true }),
    // @ts-expect-error Without its profile, a command does its work on another one.
    () => suggest('backup', {}),
    // @ts-expect-error There is no such command.
    () => suggest('restroe', { config }),
  ];
  expect(wrong).toHaveLength(5);
});
