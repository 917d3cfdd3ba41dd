import type { Command } from '../../src/commands/command.ts';
import { commands } from '../../src/commands/commands.ts';
import { variableOf } from '../../src/commands/flags.ts';
import { commandLine, flagName } from '../../src/terminal/suggest.ts';
import { page, table } from './page.ts';

/** docs/commands.md: every command with its flags, from the tables that its help follows from. */
export async function commandsPage(): Promise<string> {
  const all = await Promise.all(Object.values(commands).map((load) => load()));
  return page(
    'Commands',
    [
      'In a clone a command is `npm run NAME -- FLAGS`: the two dashes are for npm, which keeps flags for itself without them. Installed as a package it is `npx restore-rehearsal NAME FLAGS`. The flags are the same.',
      'Most flags have a variable in the environment, which counts where the flag is not given. Each command has `--help`. Paths start where you stand.',
      table(
        ['exit status', 'of a rehearsal'],
        [
          ['0', 'verified'],
          ['1', 'not verified: the backup did not come back as it was'],
          ['2', 'could not run: bad usage or profile, no engine, an interruption, an internal error'],
        ],
      ),
    ],
    all.map(section),
  );
}

function section(command: Command): string {
  const { name, about, usage, names, flags, notes, exitStatus } = command;
  const start = `\`${commandLine(command)} ${usage ?? (names === undefined ? '[flags]' : '[NAME…] [flags]')}\``;
  const rows = Object.entries(flags).map(([key, { value, help, onlyTyped }]) => [
    `\`${flagName(key)}${value === null ? '' : ` ${value}`}\``,
    prose(help),
    onlyTyped === true ? '' : `\`${variableOf(key)}\``,
  ]);
  const named = names === undefined ? [] : [`\`NAME\`: ${prose(names)}.`];
  const parts = [...about.map(prose), start, ...named, table(['flag', 'does', 'variable'], rows), ...notes.map(prose)];
  return [`## ${name}`, ...parts, `Exit status: ${prose(exitStatus)}`].join('\n\n');
}

/** Texts of the help are for a terminal: what would be markup there is not. */
function prose(text: string): string {
  return text.replace(/[*_<>]/g, '\\$&');
}
