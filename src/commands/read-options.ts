import { closest } from 'fastest-levenshtein';
import { commandLine, flagName, typed } from '../terminal/suggest.ts';
import { OperationalError } from '../system/operational-error.ts';
import { redact } from '../system/redact.ts';
import type { Command, Options } from './command.ts';
import { toggle, variableOf, type FlagTable } from './flags.ts';
import { parserOf } from './parser.ts';
import { refuseSwallowedFlags } from './swallowed-flags.ts';

/** What a command is asked to do. */
export interface Request<Flags extends FlagTable> {
  options: Options<Flags>;
  names: string[];
}

/**
 * Reads flags and environment; a flag wins over its variable, and an empty variable is none.
 * @returns null where the help is asked for
 * @throws OperationalError BAD_USAGE
 */
export function readOptions<Flags extends FlagTable>(
  command: Command<Flags>,
  argv: string[],
  env: NodeJS.ProcessEnv,
): Request<Flags> | null {
  assertHasValues(command, argv);
  const parser = parserOf(command);
  const { operands: names, unknown } = parser.parseOptions(argv);
  const given = parser.opts<Record<string, string | string[] | true>>();
  const textOf = (key: string): string | null => {
    const fromVariable = command.flags[key]?.onlyTyped === true ? '' : env[variableOf(key)];
    const said = given[key] ?? fromVariable ?? '';
    if (Array.isArray(said)) return said.join('\0');
    return said === '' ? null : String(said);
  };
  if (toggle('').read(textOf('help'), 'help')) return null;
  if (unknown[0] !== undefined) refuseUnknown(command, unknown[0]);
  refuseSwallowedFlags(command, given, names, env);
  if (command.names === undefined && names[0] !== undefined) {
    throw badUsage(command, `${typed(command.name)} takes flags only, not "${redact(names[0])}".`);
  }
  const read = Object.entries(command.flags).map(([key, flag]) => [key, flag.read(textOf(key), key)]);
  return { options: Object.fromEntries(read) as Options<Flags>, names };
}

/** What looks like a flag is no value: `--dir --dry-run` would not be a dry run. */
function assertHasValues(command: Command, argv: string[]): void {
  const values = new Map(Object.entries(command.flags).map(([key, { value }]) => [flagName(key), value]));
  const end = argv.indexOf('--');
  for (const [place, flag] of argv.slice(0, end === -1 ? undefined : end).entries()) {
    const [value, next] = [values.get(flag) ?? null, argv[place + 1]];
    if (value === null || (next !== undefined && !/^-./.test(next))) continue;
    const hint = next === undefined ? '' : ` One that starts with a dash is written ${flag}=${next}.`;
    throw badUsage(command, `${flag} takes a value: ${flag} ${value}.${hint}`);
  }
}

function refuseUnknown(command: Command, word: string): never {
  const name = word.replace(/=.*/s, '');
  const known = [...Object.keys(command.flags).map(flagName), '--help'];
  if (known.includes(name)) throw badUsage(command, `${name} takes no value.`);
  throw badUsage(command, `Unknown flag ${name}; did you mean ${closest(name, known)}?`);
}

function badUsage(command: Command, problem: string): OperationalError {
  return new OperationalError('BAD_USAGE', `${problem} Try: ${commandLine(command)} --help`);
}
