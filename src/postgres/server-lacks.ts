import pg from 'pg';
import type { ErrorCode } from '../system/operational-error.ts';
import type { DumpNeeds } from './dump-needs.ts';
import { howToGetExtension, howToGetLocale } from './packages.ts';

/** Something that a dump needs and a server has not got: the fault of neither the backup nor its source. */
export interface Lack {
  code: ErrorCode;
  object: string;
  /** As PostgreSQL says it, where it does: what the profile tolerates is found by these words. */
  message: string;
  /** How to get it. */
  next: string;
}

/**
 * What a server has not got of all that a dump needs, found before anything is restored.
 * @param client a superuser's session in the empty database that the dump is restored into
 */
export async function findLacks(client: pg.Client, needs: DumpNeeds, serverVersion: string): Promise<Lack[]> {
  const extensions = await findExtensions(client, needs, serverVersion);
  return [
    ...extensions,
    ...(await tryEach(client, needs.collations, tryCollation)),
    ...(await tryEach(client, needs.dictionaries, tryDictionary)),
    ...(await findLibraries(client, needs, serverVersion)),
    // An extension that is there brings its own with it.
    ...(needs.extensions.size > 0 ? [] : await findAccessMethods(client, needs, serverVersion)),
  ];
}

/** Those of the extensions that a server has not got, in their order. */
export function findMissingExtensions(client: pg.Client, extensions: string[]): Promise<string[]> {
  return missingFrom(client, extensions, 'select name::text from pg_catalog.pg_available_extensions');
}

async function findExtensions(client: pg.Client, { extensions }: DumpNeeds, serverVersion: string): Promise<Lack[]> {
  const names = await findMissingExtensions(client, [...extensions.keys()]);
  return names.map((name) => ({
    code: 'EXTENSION_MISSING',
    object: name,
    message: `extension "${name}" is not available`,
    next: howToGetExtension(name, serverVersion),
  }));
}

async function findAccessMethods(
  client: pg.Client,
  { accessMethods }: DumpNeeds,
  serverVersion: string,
): Promise<Lack[]> {
  const names = await missingFrom(client, [...accessMethods], 'select amname::text as name from pg_catalog.pg_am');
  return names.map((name) => ({
    code: 'ACCESS_METHOD_MISSING',
    object: name,
    message: `access method "${name}" does not exist`,
    next: `Find out which extension brings it. ${howToGetExtension(name, serverVersion)}`,
  }));
}

async function findLibraries(client: pg.Client, { libraries }: DumpNeeds, serverVersion: string): Promise<Lack[]> {
  const names = [...libraries].flatMap((file) => /^\$libdir\/([\w.-]+)$/.exec(file)?.[1] ?? []);
  if (names.length === 0 || !(await isSuperuser(client))) return [];
  const missing = await missingFrom(client, names, libraryNames);
  return missing.map((name) => ({
    code: 'LIBRARY_MISSING',
    object: `$libdir/${name}`,
    message: `could not access file "$libdir/${name}": No such file or directory`,
    next: howToGetExtension(name.replace(/-\d[\d.]*$/, ''), serverVersion),
  }));
}

const libraryNames = `
  select pg_catalog.regexp_replace(file, '\\.\\w+$', '') as name
  from pg_catalog.pg_config, pg_catalog.pg_ls_dir(setting) as file
  where pg_config.name = 'PKGLIBDIR'`;

/** Only a superuser looks into directories. What another role does not see, the restore itself says. */
async function isSuperuser(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query<{ answer: boolean }>(
    "select pg_catalog.current_setting('is_superuser') = 'on' as answer",
  );
  return rows[0]?.answer === true;
}

/** @param query gives the column `name` */
async function missingFrom(client: pg.Client, names: string[], query: string): Promise<string[]> {
  if (names.length === 0) return [];
  const { rows } = await client.query<{ name: string }>(query);
  const there = new Set(rows.map(({ name }) => name));
  return names.filter((name) => !there.has(name));
}

type Options = Record<string, string>;

/** Makes each, in a transaction that is taken back. */
async function tryEach(
  client: pg.Client,
  wanted: Map<string, Options>,
  attempt: (client: pg.Client, options: Options) => Promise<Lack | null>,
): Promise<Lack[]> {
  const lacks: Lack[] = [];
  for (const options of wanted.values()) {
    await client.query('begin');
    try {
      const lack = await attempt(client, options);
      if (lack !== null) lacks.push(lack);
    } finally {
      await client.query('rollback');
    }
  }
  return lacks;
}

/** Names and numbers as they are, all else as a string. */
function optionList(options: Options, names: string[]): string {
  return names
    .flatMap((name) => (options[name] === undefined ? [] : [`${name} = ${pg.escapeLiteral(options[name])}`]))
    .join(', ');
}

async function tryCollation(client: pg.Client, options: Options): Promise<Lack | null> {
  const list = optionList(options, ['provider', 'locale', 'lc_collate', 'lc_ctype', 'deterministic', 'rules']);
  const message = await failure(client, `create collation pg_temp.probe (${list})`);
  const object = options['locale'] ?? options['lc_collate'] ?? '';
  return message === null ? null : { code: 'LOCALE_MISSING', object, message, next: howToGetLocale(object) };
}

/** Dictionaries of the system's own templates read files, which a server has to have. */
async function tryDictionary(client: pg.Client, options: Options): Promise<Lack | null> {
  const { template = '' } = options;
  const [, name] = /^pg_catalog\.(simple|ispell|synonym|thesaurus|snowball)$/.exec(template) ?? [];
  if (name === undefined) return null;
  const others = optionList(
    options,
    Object.keys(options).filter((option) => /^(dictfile|afffile|stopwords|synonyms)$/.test(option)),
  );
  const snowball = name === 'snowball' ? `, language = ${pg.escapeLiteral(options['language'] ?? '')}` : '';
  if (others === '' || name === 'thesaurus') return null;
  const message = await failure(
    client,
    `create text search dictionary pg_temp.probe (template = pg_catalog.${name}, ${others}${snowball})`,
  );
  const file = /could not open .*?"([^"]*)"/.exec(message ?? '')?.[1];
  if (message === null || file === undefined) return null;
  return {
    code: 'TEXT_SEARCH_MISSING',
    object: file.replace(/^.*\//, ''),
    message,
    next: textSearchNext,
  };
}

export const textSearchNext =
  'Copy the files of the dictionary from the source into the directory tsearch_data of this server (pg_config --sharedir), or install what brings them ' +
  '(Debian: the hunspell-… package, then pg_updatedicts), or rehearse with the image that production runs.';

async function failure(client: pg.Client, statement: string): Promise<string | null> {
  try {
    await client.query(statement);
    return null;
  } catch (error) {
    if (!(error instanceof pg.DatabaseError)) throw error;
    return error.message;
  }
}
