import { closest } from 'fastest-levenshtein';
import { parseArgs, type ParseArgsConfig } from 'node:util';
import { redact } from '../system/redact.ts';
import { OperationalError } from '../system/operational-error.ts';
import { refuseSwallowedFlags } from './swallowed-flags.ts';

type Options = NonNullable<ParseArgsConfig['options']>;

/** What the flags of a command and their REHEARSAL_ variables say. */
export interface Flags<Name> {
  positionals: string[];
  /** `null` where neither is given. */
  text: (flag: Name) => string | null;
  /** @throws OperationalError BAD_USAGE */
  boolean: (flag: Name) => boolean;
}

/**
 * Reads the flags of a command; a flag wins over its variable.
 * @param command how the user starts it, for the hint at its help
 * @throws OperationalError BAD_USAGE
 */
export function readFlags<Known extends Options>(
  known: Known,
  argv: string[],
  env: NodeJS.ProcessEnv,
  command: string,
): Flags<keyof Known & string> {
  const { values, positionals } = parse(known, argv, command);
  refuseSwallowedFlags(known, values, positionals, env, command);
  const text = (flag: string): string | null => {
    const value = values[flag] ?? env[variableOf(flag)] ?? '';
    return value === '' ? null : String(value);
  };
  return { positionals, text, boolean: (flag) => readBoolean(flag, text(flag)) };
}

/**
 * For commands that take flags only.
 * @throws OperationalError BAD_USAGE
 */
export function refusePositionals([first]: string[], command: string): void {
  if (first === undefined) return;
  throw new OperationalError(
    'BAD_USAGE',
    `${command} takes flags only, not "${redact(first)}". Try: ${command} -- --help`,
  );
}

function parse(known: Options, argv: string[], command: string) {
  try {
    return parseArgs({ args: argv, options: known, allowPositionals: true });
  } catch (error) {
    const flag = /'(--?[^'\s]+)/.exec(String(error))?.[1];
    const unknown = (error as { code?: string }).code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION';
    const problem =
      unknown && flag !== undefined
        ? `Unknown flag ${flag}; did you mean --${closest(flag.replace(/^-+/, ''), Object.keys(known))}?`
        : (error as Error).message;
    throw new OperationalError('BAD_USAGE', `${problem} Try: ${command} -- --help`, { cause: error });
  }
}

function readBoolean(flag: string, value: string | null): boolean {
  if (value === null || ['false', '0', 'no'].includes(value)) return false;
  if (['true', '1', 'yes'].includes(value)) return true;
  throw new OperationalError('BAD_USAGE', `${variableOf(flag)} is "${value}"; it takes true or false.`);
}

/** `--from-offsite` has the variable REHEARSAL_FROM_OFFSITE. */
function variableOf(flag: string): string {
  return `REHEARSAL_${flag.toUpperCase().replaceAll('-', '_')}`;
}
