import { oneLine } from '../../terminal/one-line.ts';
import type { Source } from '../facts.ts';
import type { Plan } from '../plan.ts';
import { renderApplication } from './application.ts';
import { list, literal } from './literal.ts';

/** The profile, with a word to each key. No secret stands in it. Pure. */
export function renderProfile(plan: Plan): string {
  const { name, database, source, image, extensions, application, from } = plan;
  const lines = [
    `name: ${literal(name)},`,
    '',
    comment(`From ${from.database}. The owner is a role without superuser rights.`),
    `database: { name: ${literal(database.name)}, owner: ${literal(database.owner)}${addressOf(source)} },`,
    '',
    comment(
      'The server of a drill is a disposable one: of this image with Docker, or of the PostgreSQL programs of the machine.',
    ),
    image === null
      ? `postgres: { engine: 'auto' }, // image: 'postgres:17', to have a certain one: otherwise it follows from the dump`
      : `postgres: { engine: 'auto', image: ${literal(image)} },`,
    ...(extensions.length === 0
      ? []
      : ['', comment('Extensions that take a superuser to be created.'), `extensions: ${list(extensions)},`]),
    '',
    comment('How long a restore may take until the application answers again, and how old the newest backup may be.'),
    "objectives: { rto: '60m', rpo: '24h' },",
    '',
    comment(whoTakesBackups(plan)),
    ...renderBackups(plan),
    ...(application === null
      ? []
      : [
          '',
          comment(`From ${application.from}. It is started on the restored database, and asked.`),
          ...renderApplication(application),
        ]),
    '',
    "evidence: { directory: 'reports', frequency: '24h' },",
  ];
  const body = lines.map((line) => (line === '' ? '' : `  ${line}`)).join('\n');
  return `${heading(source)}export default {\n${body}\n};\n`;
}

function heading(source: Source | null): string {
  const first =
    '// What is rehearsed, and what has to come back. Written by init of restore-rehearsal; it is yours to change.\n';
  if (source?.kind !== 'variable' || source.file === null) return `${first}${passwordNote(source)}`;
  const file = literal(source.file);
  return `import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

${first}
// ${source.variable} is a secret: it stays in ${oneLine(source.file)}. One that is set in the environment wins.
const file = fileURLToPath(new URL(${file}, ${here}));
if (existsSync(file)) process.loadEnvFile(file);

`;
}

/** In pieces, as a command that is compiled has its own address in its place. */
const here = ['import', 'meta', 'url'].join('.');

function passwordNote(source: Source | null): string {
  if (source?.kind === 'url') return '// The password of the database is not here: PGPASSWORD or ~/.pgpass holds it.\n';
  return source?.kind === 'variable' ? `// ${source.variable} is a secret: it has to be set where this is read.\n` : '';
}

function addressOf(source: Source | null): string {
  if (source?.kind === 'url') return `, url: ${literal(source.url)}`;
  return source?.kind === 'variable' ? `, url: process.env.${source.variable}${toLibpq(source)}` : '';
}

/** A driver's name in the address is the application's own. */
function toLibpq({ isPlain }: { isPlain: boolean }): string {
  return isPlain ? '' : "?.replace(/^[\\w+]+:/, 'postgresql:')";
}

function whoTakesBackups({ source, dumps }: Plan): string {
  if (source?.kind === 'compose') return 'Backups are dumped inside the container, as docker compose exec would.';
  if (typeof dumps?.pattern === 'string')
    return `Backups lie here. ${dumps.tool ?? 'Another tool'} takes them, and deletes old ones; the newest of these files is rehearsed.`;
  return 'Backups lie here, each with a manifest of what the database held.';
}

function renderBackups({ backups, source, dumps }: Plan): string[] {
  if (typeof dumps?.pattern === 'string')
    return ['backups: {', `  directory: ${literal(backups)},`, `  pattern: ${literal(dumps.pattern)},`, '},'];
  const service = source?.kind === 'compose' ? [`  composeService: ${literal(source.service)},`] : [];
  const project =
    source?.kind === 'compose' && source.project !== null ? [`  composeProject: ${literal(source.project)},`] : [];
  return [
    'backups: {',
    `  directory: ${literal(backups)},`,
    ...service,
    ...project,
    '  keepDaily: 7,',
    "  pruneAfter: '7d',",
    "  // offsite: 'remote:bucket/path', // where copies go, as rclone names it",
    '},',
  ];
}

function comment(text: string): string {
  return `// ${oneLine(text)}`;
}
