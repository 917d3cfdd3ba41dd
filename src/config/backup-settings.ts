import { resolve } from 'node:path';
import { readFlags, refusePositionals } from './flags.ts';

/** What the flags of `npm run backup` and their REHEARSAL_ variables ask for. `null`: the profile decides. */
export interface BackupSettings {
  config: string;
  url: string | null;
  composeService: string | null;
  composeProject: string | null;
  directory: string | null;
  help: boolean;
}

const options = {
  config: { type: 'string' },
  url: { type: 'string' },
  'compose-service': { type: 'string' },
  'compose-project': { type: 'string' },
  dir: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

/**
 * Reads flags and environment; a flag wins over its variable.
 * @throws OperationalError BAD_USAGE
 */
export function readBackupSettings(argv: string[], env: NodeJS.ProcessEnv = process.env): BackupSettings {
  const { positionals, text, boolean } = readFlags(options, argv, env, 'npm run backup');
  refusePositionals(positionals, 'npm run backup');
  const directory = text('dir');
  return {
    config: text('config') ?? 'rehearsal.config.ts',
    url: text('url'),
    composeService: text('compose-service'),
    composeProject: text('compose-project'),
    directory: directory === null ? null : resolve(directory),
    help: boolean('help'),
  };
}
