import { isPackage } from '../system/place.ts';
import { commandLine, flagName } from '../terminal/suggest.ts';
import { OperationalError } from '../system/operational-error.ts';
import type { Command } from './command.ts';

/**
 * npm takes the start of a name for the whole of one of its own: what it makes of ours, and how that is told from an npmrc.
 * `engine-strict` may stand in one, but not with a value left over; `token-description` is for `npm token create` alone.
 */
const abbreviated: { flag: string; variable: string; isOurs: (value: string, names: string[]) => boolean }[] = [
  {
    flag: 'engine',
    variable: 'npm_config_engine_strict',
    isOurs: (value, names) => value === 'true' && names.some((word) => ['auto', 'docker', 'local'].includes(word)),
  },
  { flag: 'to', variable: 'npm_config_token_description', isOurs: (value) => value !== '' },
];

/** Stands in many an npmrc, for node-gyp, with a number or `max`; a flag without a value is `true`. */
const alsoInNpmrc = ['jobs'];

/**
 * npm says the same of npx and of `npm exec`. npx hands on everything behind the name of a program, and may be given these before it;
 * without them a command does less.
 */
const alsoBeforeNpx = ['yes', 'force'];

/**
 * Sees to it that npm has kept no flag of ours to itself: without a second `--` it takes flags for its own, tells them in the
 * environment alone, and the command would do without, for example, --dry-run.
 * @throws OperationalError BAD_USAGE with the command as it has to be typed
 */
export function refuseSwallowedFlags(
  command: Command,
  given: Record<string, unknown>,
  names: string[],
  env: NodeJS.ProcessEnv,
): void {
  const event = env['npm_lifecycle_event'];
  if (event === undefined) return;
  const missing = Object.keys(command.flags).filter(
    (key) => given[key] === undefined && !(event === 'npx' && alsoBeforeNpx.includes(key)),
  );
  const swallowed = missing.filter((key) => isSwallowed(flagName(key).slice(2), names, env));
  if (swallowed.length === 0) return;
  const typed = swallowed.map((key) => `${flagName(key)}${command.flags[key]?.value === null ? '' : ' …'}`);
  const message = `npm kept ${swallowed.map(flagName).join(' and ')} for itself, so nothing was done. ${isPackage ? 'npx hands them on' : 'It hands on what stands behind two dashes'}: ${commandLine(command)} ${typed.join(' ')}`;
  throw new OperationalError('BAD_USAGE', message);
}

function isSwallowed(flag: string, names: string[], env: NodeJS.ProcessEnv): boolean {
  const value = env[`npm_config_${flag.replaceAll('-', '_')}`] ?? '';
  if (alsoInNpmrc.includes(flag)) return value === 'true';
  // An empty one is that of --no-FLAG.
  if (value !== '' && value !== 'false') return true;
  return abbreviated.some(({ flag: ours, variable, isOurs }) => ours === flag && isOurs(env[variable] ?? '', names));
}
