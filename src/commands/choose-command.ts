import { Command as Parser } from 'commander';
import { closest } from 'fastest-levenshtein';
import { OperationalError } from '../system/operational-error.ts';
import { redact } from '../system/redact.ts';
import { commandLine, typed, type CommandName } from '../terminal/suggest.ts';
import type { Command } from './command.ts';
import { commands } from './commands.ts';
import { helpWidth } from './parser.ts';

/** What stands in `scripts/`: the first word of a command's name. */
export type ScriptName = CommandName extends infer Name
  ? Name extends `${infer First} ${string}`
    ? First
    : Name
  : never;

/** The command that is asked for, and the arguments that are its own. */
export interface Chosen {
  command: Command;
  argv: string[];
}

/**
 * Finds the command of a script: where it has several, the first word says which.
 * @returns null where the help of a script with several is asked for
 * @throws OperationalError BAD_USAGE
 */
export async function chooseCommand(script: ScriptName, argv: string[]): Promise<Chosen | null> {
  if (isCommand(script)) return { command: await commands[script](), argv };
  const [word = '', ...rest] = argv;
  const name = `${script} ${word}`;
  if (isCommand(name)) return { command: await commands[name](), argv: rest };
  if (['--help', '-h'].includes(word)) return null;
  const known = subcommandsOf(script).map(wordOf);
  const problem =
    word === ''
      ? 'takes a word that says what to do.'
      : `takes no "${redact(word)}"; did you mean ${closest(word, known)}?`;
  const message = `${typed(script)} ${problem} All there are: ${known.join(', ')}. Try: ${commandLine({ name: script })} --help`;
  throw new OperationalError('BAD_USAGE', message);
}

/** The help of a script with several commands: what each of them does. */
export async function helpOf(script: ScriptName): Promise<string> {
  const parser = new Parser(commandLine({ name: script }))
    .usage('COMMAND [flags]')
    .helpOption(false)
    .helpCommand(false)
    .configureHelp({ helpWidth });
  for (const name of subcommandsOf(script)) {
    const { about } = await commands[name]();
    parser
      .command(wordOf(name))
      .description(about[0] ?? '')
      .helpOption(false);
  }
  const hint = `Each has flags of its own: ${commandLine({ name: script })} COMMAND --help`;
  return `${parser.helpInformation()}\n${hint}\n`;
}

function isCommand(name: string): name is CommandName {
  return Object.hasOwn(commands, name);
}

function subcommandsOf(script: ScriptName): CommandName[] {
  return (Object.keys(commands) as CommandName[]).filter((name) => name.startsWith(`${script} `));
}

function wordOf(name: CommandName): string {
  return name.split(' ')[1] ?? '';
}
