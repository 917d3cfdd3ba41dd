import { relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { quote } from 'zx/core';
import { findDefaultProfile } from './default-profile.ts';
import { nearby } from './nearby.ts';
import { printable } from './printable.ts';

/** The flags of each command, by its name. src/commands/commands.ts adds them: no suggestion names a flag that there is not. */
// eslint-disable-next-line @typescript-eslint/no-empty-object-type -- it is filled from there, as this room may not import commands
export interface CommandFlags {}

/** `prune`, or with a subcommand `evidence keygen`. */
export type CommandName = keyof CommandFlags;

/** What is null, false or undefined is not given. */
type FlagValue = string | boolean | null | undefined;

/**
 * A command to be typed next, as it has to be typed where this one was: every hint and remedy that names a command of ours comes
 * from here, for one without its profile would do its work on another one.
 * @param config as the flag has it; the profile that is looked for anyway is left out
 * @param names of rehearsals
 */
export function suggest<Name extends CommandName>(
  command: Name,
  { config, ...flags }: CommandFlags[Name] & { config: string },
  names: string[] = [],
): string {
  const isFound = resolve(config) === findDefaultProfile();
  const given = Object.entries<FlagValue>({ ...flags, config: isFound ? null : nearby(config) });
  const words = [
    ...names,
    ...given.flatMap(([flag, value]) => {
      if (value === null || value === undefined || value === false) return [];
      if (value === true) return [flagName(flag)];
      // A value with a dash in front would be taken for a flag.
      return value.startsWith('-') ? [`${flagName(flag)}=${value}`] : [flagName(flag), value];
    }),
  ];
  return printable(
    npmRun(
      command,
      words.map((word) => quote(word)),
    ),
  );
}

/** A command as it is typed here: npm keeps what starts with a dash for itself, up to two of them. */
export function npmRun(command: string, words: string[] = []): string {
  const [script = '', ...subcommand] = command.split(' ');
  const behind = [...subcommand, ...words];
  return `${npmHere()} run ${script}${behind.length === 0 ? '' : ` -- ${behind.join(' ')}`}`;
}

/** Where our own package.json is. */
const packageRoot = fileURLToPath(new URL('../..', import.meta.url));

/** npm looks for our package.json in the directories above. */
function npmHere(): string {
  const isBelow = !relative(packageRoot, process.cwd()).startsWith('..');
  return isBelow ? 'npm' : `npm --prefix ${quote(resolve(packageRoot))}`;
}

/** `fromOffsite` in our code is `--from-offsite` on the command line. */
export function flagName(key: string): string {
  return `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}
