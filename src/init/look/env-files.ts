import type { DatabaseFact, Found, Project } from '../facts.ts';
import { parseDatabaseUrl } from './parse-url.ts';
import { isLiteral, lineOf, readVariables } from './variables.ts';

/** Files of variables that a program may load, the most local first. */
const files = [
  '.env',
  '.env.local',
  '.env.production',
  '.env.development',
  '.env.example',
  '.env.sample',
  '.env.template',
  '.env.dist',
];

/** What they call the address of their database, the most usual first. */
const usual = [
  'DATABASE_URL',
  'POSTGRES_URL',
  'POSTGRESQL_URL',
  'PG_URL',
  'PGURL',
  'DB_URL',
  'DATABASE_URI',
  'SQLALCHEMY_DATABASE_URI',
];

/** Addresses of databases in files of variables. Examples say a name; they are no address of anything. */
export async function lookAtEnvironmentFiles(project: Project): Promise<Found> {
  const databases: DatabaseFact[] = [];
  for (const file of files) {
    const text = await project.readText(file);
    if (text === null) continue;
    const variables = readVariables(text);
    const variable = usual.find((name) => parseDatabaseUrl(variables[name] ?? '') !== null);
    if (variable === undefined) {
      const inParts = databaseOfParts(file, text, variables);
      if (inParts !== null) databases.push(inParts);
      continue;
    }
    const isExample = /example|sample|template|dist/.test(file);
    const from = `${file}:${lineOf(text, variable) ?? 1} (${variable})`;
    databases.push(
      databaseOfUrl(variables[variable] ?? '', from, {
        variable,
        file: isExample || !isLiteral(text, variable, variables[variable]) ? null : file,
        isExample,
      }),
    );
  }
  return { databases };
}

/** As Laravel and many others have it, in several variables. The name of the driver says that it is PostgreSQL, or its usual port. Pure. */
function databaseOfParts(file: string, text: string, variables: Record<string, string>): DatabaseFact | null {
  const first = (...names: string[]) => names.find((name) => (variables[name] ?? '') !== '');
  const driver = variables['DB_CONNECTION'] ?? variables['DB_ENGINE'] ?? variables['DB_DRIVER'] ?? '';
  const isPostgres = /pgsql|postgres|postgis/i.test(driver) || (driver === '' && variables['DB_PORT'] === '5432');
  const name = first(...(isPostgres ? ['DB_DATABASE', 'DB_NAME'] : []), 'PGDATABASE');
  if (name === undefined) return null;
  const user = first(...(isPostgres ? ['DB_USERNAME', 'DB_USER'] : []), 'PGUSER');
  return {
    from: `${file}:${lineOf(text, name) ?? 1} (${name})`,
    name: variables[name] ?? null,
    owner: user === undefined ? null : (variables[user] ?? null),
    image: null,
    source: null,
  };
}

/** The database of an address. Its password stays where it is. Pure. */
export function databaseOfUrl(
  text: string,
  from: string,
  { variable, file, isExample = false }: { variable: string; file: string | null; isExample?: boolean },
): DatabaseFact {
  const parsed = parseDatabaseUrl(text);
  return {
    from,
    name: parsed?.database ?? null,
    owner: parsed?.user ?? null,
    image: null,
    source:
      parsed === null || isExample
        ? null
        : { kind: 'variable', variable, file, url: parsed.url, isPlain: /^postgres(?:ql)?$/.test(parsed.scheme) },
  };
}
