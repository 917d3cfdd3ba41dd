import { readFlags, refusePositionals } from './flags.ts';
import { readEngine, type Settings } from './settings.ts';

/** What the flags of `npm run doctor` and their REHEARSAL_ variables ask for. `null`: the profile decides. */
export interface DoctorSettings {
  clean: boolean;
  engine: Settings['engine'];
  config: string;
  image: string | null;
  reports: string | null;
  help: boolean;
}

const options = {
  clean: { type: 'boolean' },
  engine: { type: 'string' },
  config: { type: 'string' },
  image: { type: 'string' },
  reports: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

/**
 * Reads the flags of the doctor and the environment; a flag wins over its variable.
 * @throws OperationalError BAD_USAGE
 */
export function readDoctorSettings(argv: string[], env: NodeJS.ProcessEnv = process.env): DoctorSettings {
  const { positionals, text, boolean } = readFlags(options, argv, env, 'npm run doctor');
  refusePositionals(positionals, 'npm run doctor');
  return {
    clean: boolean('clean'),
    engine: readEngine(text('engine')),
    config: text('config') ?? 'rehearsal.config.ts',
    image: text('image'),
    reports: text('reports'),
    help: boolean('help'),
  };
}
