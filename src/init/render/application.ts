import type { ApplicationFact, ApplicationValue } from '../facts.ts';
import { key, list, literal } from './literal.ts';

/** The `app` of the profile: commented out where something is missing that only a person knows. Pure. */
export function renderApplication(application: ApplicationFact): string[] {
  const missing = whatIsMissing(application);
  const { start, port, env, healthPath } = application;
  const block = [
    'app: {',
    ...('image' in start
      ? [`  image: ${literal(start.image)},`]
      : [`  command: ${list(start.command)}, // it is given a free port as PORT`]),
    ...('image' in start && start.args !== null && start.args.length > 0 ? [`  args: ${list(start.args)},`] : []),
    ...('image' in start && port !== null ? [`  port: ${port}, // inside the container`] : []),
    ...renderEnv(env),
    `  health: { path: ${literal(healthPath ?? '/health')} },`,
    '},',
  ];
  if (missing === null) return block;
  return [`// Not rehearsed yet: ${missing}`, ...block.map((line) => `// ${line}`)];
}

/** What keeps a drill from starting the application. Pure. */
export function whatIsMissing({ start, healthPath }: ApplicationFact): string | null {
  if ('image' in start && start.args === null)
    return 'its program (entrypoint) is replaced in Compose. Build an image that starts it of itself.';
  if (healthPath === null)
    return 'nothing says which path tells whether it is healthy. Fill it in, and take the slashes away.';
  return null;
}

function renderEnv(env: Record<string, ApplicationValue>): string[] {
  const entries = Object.entries(env);
  if (entries.length === 0) return [];
  return ['  env: (db) => ({', ...entries.map(([name, value]) => `    ${key(name)}: ${valueOf(value)}`), '  }),'];
}

function valueOf(value: ApplicationValue): string {
  if (value.kind === 'text') return `${literal(value.text)},`;
  if (value.kind === 'secret') return `'not-in-a-drill', // a made-up value: a drill needs no real secret`;
  if (value.kind === 'part') return value.part === 'port' ? 'String(db.port),' : `db.${value.part},`;
  const isPlain = value.scheme === 'postgres';
  return isPlain ? 'db.url,' : `db.url.replace(/^postgres:/, ${literal(`${value.scheme}:`)}),`;
}
