import { closest } from 'fastest-levenshtein';
import { parseArgs } from 'node:util';
import { RehearsalError } from '../rehearsal-error.ts';
import type { Profile } from './profile.ts';

/** What the flags of `npm run rehearse` and their REHEARSAL_ variables ask for. `null`: the profile decides. */
export interface Settings {
  rehearsals: string[];
  all: boolean;
  engine: 'auto' | 'docker' | 'local' | null;
  image: string | null;
  config: string;
  reports: string | null;
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
  jobs: { type: 'string' },
  keep: { type: 'boolean' },
  list: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

type Flag = keyof typeof options;

/**
 * Reads flags and environment; a flag wins over its variable.
 * @throws RehearsalError BAD_USAGE
 */
export function readSettings(argv: string[], env: NodeJS.ProcessEnv = process.env): Settings {
  const { values, positionals } = parseFlags(argv);
  const text = (flag: Flag): string | null => {
    const value = values[flag] ?? env[`REHEARSAL_${flag.toUpperCase()}`] ?? '';
    return value === '' ? null : String(value);
  };
  return {
    rehearsals: positionals,
    all: readBoolean('all', text('all')),
    engine: readEngine(text('engine')),
    image: text('image'),
    config: text('config') ?? 'rehearsal.config.ts',
    reports: text('reports'),
    jobs: readJobs(text('jobs')),
    keep: readBoolean('keep', text('keep')),
    list: readBoolean('list', text('list')),
    help: readBoolean('help', text('help')),
  };
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

function parseFlags(argv: string[]) {
  try {
    return parseArgs({ args: argv, options, allowPositionals: true });
  } catch (error) {
    const flag = /'(--?[^'\s]+)/.exec(String(error))?.[1];
    const unknown = (error as { code?: string }).code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION';
    const problem =
      unknown && flag !== undefined
        ? `Unknown flag ${flag}; did you mean --${closest(flag.replace(/^-+/, ''), Object.keys(options))}?`
        : (error as Error).message;
    throw new RehearsalError('BAD_USAGE', `${problem} Try: npm run rehearse -- --help`, { cause: error });
  }
}

function readBoolean(flag: Flag, value: string | null): boolean {
  if (value === null || ['false', '0', 'no'].includes(value)) return false;
  if (['true', '1', 'yes'].includes(value)) return true;
  throw new RehearsalError('BAD_USAGE', `REHEARSAL_${flag.toUpperCase()} is "${value}"; it takes true or false.`);
}

function readEngine(value: string | null): Settings['engine'] {
  if (value === null || value === 'auto' || value === 'docker' || value === 'local') return value;
  throw new RehearsalError('BAD_USAGE', `There is no engine "${value}"; --engine takes auto, docker or local.`);
}

function readJobs(value: string | null): number {
  const jobs = Number(value ?? 1);
  if (Number.isInteger(jobs) && jobs >= 1 && jobs <= 64) return jobs;
  throw new RehearsalError('BAD_USAGE', `--jobs takes a whole number from 1 to 64, not "${value ?? ''}".`);
}
