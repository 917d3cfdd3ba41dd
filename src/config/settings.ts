import { resolve } from 'node:path';
import { OperationalError } from '../system/operational-error.ts';
import { readFlags } from './flags.ts';
import type { Profile } from './profile.ts';

/** What the flags of `npm run rehearse` and their REHEARSAL_ variables ask for. `null`: the profile decides. */
export interface Settings {
  rehearsals: string[];
  all: boolean;
  engine: 'auto' | 'docker' | 'local' | null;
  image: string | null;
  config: string;
  reports: string | null;
  /** Absolute path of a dump to rehearse in place of the newest one. */
  backup: string | null;
  /** Rehearse the copy that is off-host. */
  fromOffsite: boolean;
  /** URL of a live database to rehearse straight from. */
  source: string | null;
  jobs: number;
  keep: boolean;
  list: boolean;
  help: boolean;
}

const options = {
  all: { type: 'boolean' },
  engine: { type: 'string' },
  image: { type: 'string' },
  config: { type: 'string' },
  reports: { type: 'string' },
  backup: { type: 'string' },
  'from-offsite': { type: 'boolean' },
  source: { type: 'string' },
  jobs: { type: 'string' },
  keep: { type: 'boolean' },
  list: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

/**
 * Reads flags and environment; a flag wins over its variable.
 * @throws OperationalError BAD_USAGE
 */
export function readSettings(argv: string[], env: NodeJS.ProcessEnv = process.env): Settings {
  const { positionals, text, boolean } = readFlags(options, argv, env, 'npm run rehearse');
  const backup = text('backup');
  const settings = {
    rehearsals: positionals,
    all: boolean('all'),
    engine: readEngine(text('engine')),
    image: text('image'),
    config: text('config') ?? 'rehearsal.config.ts',
    reports: text('reports'),
    backup: backup === null ? null : resolve(backup),
    fromOffsite: boolean('from-offsite'),
    source: text('source'),
    jobs: readJobs(text('jobs')),
    keep: boolean('keep'),
    list: boolean('list'),
    help: boolean('help'),
  };
  assertOneOrigin(settings);
  return settings;
}

function assertOneOrigin({ backup, fromOffsite, source }: Settings): void {
  const named = [backup !== null && '--backup', fromOffsite && '--from-offsite', source !== null && '--source'];
  const flags = named.filter((flag) => flag !== false);
  if (flags.length < 2) return;
  throw new OperationalError('BAD_USAGE', `${flags.join(' and ')} name different backups: give one of them.`);
}

/** The profile with what the settings override. Pure. */
export function applySettings(profile: Profile, settings: Pick<Settings, 'engine' | 'image' | 'reports'>): Profile {
  const { engine, image, reports } = settings;
  return {
    ...profile,
    postgres: { engine: engine ?? profile.postgres.engine, image: image ?? profile.postgres.image },
    evidence: { ...profile.evidence, directory: reports ?? profile.evidence.directory },
  };
}

/** @throws OperationalError BAD_USAGE */
export function readEngine(value: string | null): Settings['engine'] {
  if (value === null || value === 'auto' || value === 'docker' || value === 'local') return value;
  throw new OperationalError('BAD_USAGE', `There is no engine "${value}"; --engine takes auto, docker or local.`);
}

function readJobs(value: string | null): number {
  const jobs = Number(value ?? 1);
  if (Number.isInteger(jobs) && jobs >= 1 && jobs <= 64) return jobs;
  throw new OperationalError('BAD_USAGE', `--jobs takes a whole number from 1 to 64, not "${value ?? ''}".`);
}
