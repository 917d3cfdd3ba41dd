import pg from 'pg';
import { distance } from 'fastest-levenshtein';
import { nameKey } from '../../postgres/name-key.ts';
import type { ListedEntry } from '../../postgres/listed-entry.ts';
import { OperationalError } from '../../system/operational-error.ts';

/** What somebody wants of a backup: names as they were typed. */
export interface Selection {
  tables: readonly string[];
  schemas: readonly string[];
}

/** What has rows of its own, or is a table to those who use it. */
export const tableTypes: readonly string[] = ['TABLE', 'FOREIGN TABLE'];

/**
 * The entries of the tables that a selection names. A name is that of SQL, quoted or not, with its schema or, in the schema
 * public, without. Pure.
 * @param there how a sentence begins that says what is not there
 * @throws OperationalError BAD_USAGE for a name that the backup does not have, with the nearest ones, or has more than once
 */
export function findTables(
  entries: readonly ListedEntry[],
  { tables, schemas }: Selection,
  there = 'The backup has',
): ListedEntry[] {
  const within = schemas.map((wanted) => findSchema(entries, wanted));
  const inSchemas = entries.filter(({ type, schema }) => tableTypes.includes(type) && within.includes(schema ?? ''));
  return [...new Set([...tables.map((name) => findTable(entries, name, there)), ...inSchemas])];
}

/**
 * The name of a schema with tables, without quotes, as it was typed with them or without. Pure.
 * @throws OperationalError BAD_USAGE for one that the backup does not have, with the nearest ones
 */
export function findSchema(entries: readonly ListedEntry[], wanted: string): string {
  const names = new Set(entries.filter(({ type }) => tableTypes.includes(type)).map(({ schema }) => schema ?? ''));
  const found = [...names].find((name) => name === wanted || quote(name) === wanted);
  if (found !== undefined) return found;
  const known = [...names].map(quoteWhereNeeded);
  throw refuse(`The backup has no tables in a schema ${wanted}. ${nearest(wanted, known)}`);
}

/** A table as SQL names it, wherever it is named. Pure. */
export function qualify({ schema, name }: Pick<ListedEntry, 'schema' | 'name'>): string {
  return `${quoteWhereNeeded(schema ?? 'public')}.${quoteWhereNeeded(name)}`;
}

function findTable(entries: readonly ListedEntry[], wanted: string, there: string): ListedEntry {
  const tables = entries.filter(({ type }) => tableTypes.includes(type));
  const found = tables.filter((entry) => isNamed(entry, wanted));
  const [first] = found;
  if (found.length > 1) {
    const names = found.map(quoteAll).join(' and ');
    throw refuse(`${wanted} may be ${names}. Quote it as SQL does: --table '${quoteAll(found[0] as ListedEntry)}'.`);
  }
  if (first !== undefined) return first;
  const other = entries.find((entry) => otherTypes.includes(entry.type) && isNamed(entry, wanted));
  if (other !== undefined) {
    throw refuse(
      `${wanted} is a ${other.type.toLowerCase()}, and has no rows that a backup holds. Name the tables that it is made of.`,
    );
  }
  throw refuse(`${there} no table ${wanted}. ${nearest(wanted, tables.map(qualify))}`);
}

/** Views and the like. */
const otherTypes = ['VIEW', 'MATERIALIZED VIEW', 'SEQUENCE'];

function isNamed({ schema, name }: ListedEntry, wanted: string): boolean {
  const key = nameKey(wanted);
  const plain = [`${schema ?? ''}.${name}`, ...(schema === 'public' ? [name] : [])];
  const quoted = [`${quote(schema ?? '')}.${quote(name)}`, ...(schema === 'public' ? [quote(name)] : [])];
  return plain.includes(wanted) || quoted.some((each) => nameKey(each) === key);
}

function nearest(wanted: string, names: string[]): string {
  if (names.length === 0) return 'It has no tables at all.';
  const bare = (name: string) => name.replaceAll('"', '').toLowerCase();
  const far = (name: string) => {
    if (bare(name).includes(bare(wanted))) return 0;
    return Math.min(distance(bare(name), bare(wanted)), distance(lastPart(bare(name)), lastPart(bare(wanted))));
  };
  const sorted = names.toSorted((a, b) => far(a) - far(b));
  const shown = sorted.slice(0, shownNames).join(', ');
  return `The nearest ${names.length === 1 ? 'is' : 'are'} ${shown}${names.length > shownNames ? `, of ${names.length}` : ''}.`;
}

const lastPart = (name: string) => name.replace(/^.*\./s, '');

const shownNames = 5;

function quoteAll({ schema, name }: ListedEntry): string {
  return `${quote(schema ?? '')}.${quote(name)}`;
}

function quoteWhereNeeded(name: string): string {
  return /^[a-z_][a-z0-9_]*$/.test(name) ? name : quote(name);
}

function quote(name: string): string {
  return pg.escapeIdentifier(name);
}

function refuse(problem: string): OperationalError {
  return new OperationalError('BAD_USAGE', `${problem} Nothing was done.`);
}
