import { resolve } from 'node:path';
import { readFlags, refusePositionals } from './flags.ts';

/** What the flags of `npm run offsite` and their REHEARSAL_ variables ask for. `null`: the profile decides. */
export interface OffsiteSettings {
  config: string;
  directory: string | null;
  /** Where the copies go, as rclone names it. */
  destination: string | null;
  help: boolean;
}

const options = {
  config: { type: 'string' },
  dir: { type: 'string' },
  to: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

/**
 * Reads flags and environment; a flag wins over its variable.
 * @throws OperationalError BAD_USAGE
 */
export function readOffsiteSettings(argv: string[], env: NodeJS.ProcessEnv = process.env): OffsiteSettings {
  const { positionals, text, boolean } = readFlags(options, argv, env, 'npm run offsite');
  refusePositionals(positionals, 'npm run offsite');
  const directory = text('dir');
  return {
    config: text('config') ?? 'rehearsal.config.ts',
    directory: directory === null ? null : resolve(directory),
    destination: text('to'),
    help: boolean('help'),
  };
}
