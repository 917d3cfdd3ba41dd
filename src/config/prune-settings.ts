import { resolve } from 'node:path';
import { readFlags, refusePositionals } from './flags.ts';

/** What the flags of `npm run prune` and their REHEARSAL_ variables ask for. `null`: the profile decides. */
export interface PruneSettings {
  config: string;
  directory: string | null;
  dryRun: boolean;
  help: boolean;
}

const options = {
  config: { type: 'string' },
  dir: { type: 'string' },
  'dry-run': { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

/**
 * Reads flags and environment; a flag wins over its variable.
 * @throws OperationalError BAD_USAGE
 */
export function readPruneSettings(argv: string[], env: NodeJS.ProcessEnv = process.env): PruneSettings {
  const { positionals, text, boolean } = readFlags(options, argv, env, 'npm run prune');
  refusePositionals(positionals, 'npm run prune');
  const directory = text('dir');
  return {
    config: text('config') ?? 'rehearsal.config.ts',
    directory: directory === null ? null : resolve(directory),
    dryRun: boolean('dry-run'),
    help: boolean('help'),
  };
}
