import { relative, resolve } from 'node:path';
import { quote } from 'zx/core';
import { isPackage, root } from '../system/place.ts';
import { findDefaultProfile } from './default-profile.ts';
import { nearby } from './nearby.ts';
import { printable } from './printable.ts';
import { programOfPackage } from './program.ts';

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
    typed(
      command,
      words.map((word) => quote(word)),
    ),
  );
}

/** A command as it is typed here, with words behind it that are quoted already. */
export function typed(command: string, words: string[] = []): string {
  const [script = '', ...subcommand] = command.split(' ');
  const behind = [...subcommand, ...words];
  if (isPackage) return [programOfPackage(), script, ...behind].join(' ');
  // npm keeps what starts with a dash for itself, up to two of them.
  return `${npmHere()} run ${script}${behind.length === 0 ? '' : ` -- ${behind.join(' ')}`}`;
}

/** The same for what is read elsewhere, like evidence, where nothing of this machine counts. */
export function typedAnywhere(command: string): string {
  const [script = '', ...behind] = command.split(' ');
  const start = isPackage ? `npx restore-rehearsal ${script}` : `npm run ${script}${behind.length === 0 ? '' : ' --'}`;
  return [start, ...behind].join(' ');
}

/** A command up to its flags. */
export function commandLine({ name }: { name: string }): string {
  if (isPackage) return typed(name);
  const [script = '', ...subcommand] = name.split(' ');
  return `npm run ${[script, '--', ...subcommand].join(' ')}`;
}

/** npm looks for our package.json in the directories above. */
function npmHere(): string {
  const isBelow = !relative(root, process.cwd()).startsWith('..');
  return isBelow ? 'npm' : `npm --prefix ${quote(resolve(root))}`;
}

/** `fromOffsite` in our code is `--from-offsite` on the command line. */
export function flagName(key: string): string {
  return `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}
