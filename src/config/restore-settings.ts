import { resolve } from 'node:path';
import { OperationalError } from '../system/operational-error.ts';
import { readFlags, refusePositionals } from './flags.ts';

/** What the flags of `npm run restore` and their REHEARSAL_ variables ask for. */
export interface RestoreSettings {
  config: string;
  /** The dump; null where nothing is restored. */
  backup: string | null;
  url: string;
  action: 'restore' | 'switch' | 'rollback' | 'help';
  /** Whether to switch though roles would lose rights, or get some. */
  acceptLostRights: boolean;
  /** Whether to list all of them, not only the first. */
  allRights: boolean;
}

const options = {
  config: { type: 'string' },
  backup: { type: 'string' },
  url: { type: 'string' },
  switch: { type: 'boolean' },
  rollback: { type: 'boolean' },
  'accept-lost-rights': { type: 'boolean' },
  'all-rights': { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

/**
 * Reads flags and environment; a flag wins over its variable.
 * @throws OperationalError BAD_USAGE
 */
export function readRestoreSettings(argv: string[], env: NodeJS.ProcessEnv = process.env): RestoreSettings {
  const { positionals, text, boolean } = readFlags(options, argv, env, 'npm run restore');
  refusePositionals(positionals, 'npm run restore');
  const config = text('config') ?? 'rehearsal.config.ts';
  const [backup, url] = [text('backup'), text('url')];
  const rights = { acceptLostRights: boolean('accept-lost-rights'), allRights: boolean('all-rights') };
  if (boolean('help')) return { config, backup, url: url ?? '', action: 'help', ...rights };
  if (boolean('switch') && boolean('rollback')) throw badUsage('--switch and --rollback are each other’s opposite.');
  const action = boolean('switch') ? 'switch' : boolean('rollback') ? 'rollback' : 'restore';
  if (url === null) throw badUsage('Nothing says which server: give --url postgres://admin@host/postgres.');
  if (backup === null && action !== 'rollback') throw badUsage('Nothing says which backup: give --backup FILE.');
  return { config, backup: backup === null ? null : resolve(backup), url, action, ...rights };
}

function badUsage(problem: string): OperationalError {
  return new OperationalError('BAD_USAGE', `${problem} Try: npm run restore -- --help`);
}
