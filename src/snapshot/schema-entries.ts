import { entryObject, entryPattern } from '../postgres/dump-comments.ts';
import type { SchemaEntry } from './snapshot.ts';
import { quotedSql } from './sql-text.ts';

/**
 * Cuts the output of `pg_dump --schema-only` into one entry for each object, by the comments that pg_dump writes in
 * front of them: `-- Name: users; Type: TABLE; Schema: public; Owner: -`. Only those outside of quotes count: a body may
 * hold the like. What stands in front of the first entry are settings of the session. Pure.
 */
export function splitSchema(dump: string): Record<string, SchemaEntry> {
  const headers = [...dump.matchAll(headerOrQuoted)].filter(({ groups }) => groups?.['type'] !== undefined);
  const parts = headers.map(({ 0: whole, index, groups }, position) => {
    const { name = '', type = '', schema = '' } = groups ?? {};
    return {
      type,
      object: entryObject(name, schema),
      text: dump.slice(index + whole.length, headers[position + 1]?.index),
    };
  });
  return schemaEntries(parts);
}

/** One entry for each object. @param parts what pg_dump writes below the comment of each entry, in its order. Pure. */
export function schemaEntries(parts: { type: string; object: string; text: string }[]): Record<string, SchemaEntry> {
  const entries: Record<string, SchemaEntry> = {};
  const settings: Settings = {};
  for (const { type, object, text } of parts) {
    const { body, following } = separateSettings(text);
    const key = `${type} ${object}`;
    const former = entries[key] === undefined ? '' : `${entries[key].definition}\n`;
    entries[key] = { type, object, definition: `${former}${storage(type, body, settings)}${body}` };
    Object.assign(settings, following);
  }
  return entries;
}

const headerOrQuoted = new RegExp(`^--\\n-- ${entryPattern}\\n--\\n|${quotedSql}`, 'gm');

/** Where tables and indexes go, which pg_dump sets between entries and only when it changes. */
type Settings = Record<string, string>;

/** The settings behind an entry are those of the next one; the last entry ends with the closing words of the dump. */
function separateSettings(text: string): { body: string; following: Settings } {
  const body = text.replace(closingWords, '').trimEnd();
  const [trailing] = /(?:\s*\nSET default_\w+ = .*;)*$/.exec(body) ?? [''];
  const following = [...trailing.matchAll(/^SET (default_\w+) = (.*);$/gm)].map(([, name, value]) => [name, value]);
  return {
    body: body.slice(0, body.length - trailing.length).trim(),
    following: Object.fromEntries(following) as Settings,
  };
}

/** Newer tools guard their output with a random key, which comes last. */
const closingWords = /\n--\n-- PostgreSQL database dump complete\n--\s*(?:\\unrestrict .*)?\s*$/;

function storage(type: string, body: string, settings: Settings): string {
  const { default_tablespace: tablespace = "''", default_table_access_method: method = 'heap' } = settings;
  const lines: string[] = [];
  if (placed.has(type) && tablespace !== "''") lines.push(`SET default_tablespace = ${tablespace};\n`);
  // A partitioned table has no rows of its own, and takes whatever pg_dump set last.
  const stored = (type === 'TABLE' && !/^PARTITION BY /m.test(body)) || type === 'MATERIALIZED VIEW';
  if (stored && method !== 'heap') lines.push(`SET default_table_access_method = ${method};\n`);
  return lines.join('');
}

const placed = new Set(['TABLE', 'MATERIALIZED VIEW', 'INDEX', 'CONSTRAINT']);
