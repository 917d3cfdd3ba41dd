import type { SchemaEntry } from './snapshot.ts';

/**
 * Cuts the output of `pg_dump --schema-only` into one entry for each object, by the comments that pg_dump writes in
 * front of them: `-- Name: users; Type: TABLE; Schema: public; Owner: -`. A body that contains such a comment is cut,
 * too, on both sides alike, so nothing is lost for the comparison. Pure.
 */
export function splitSchema(dump: string): Record<string, SchemaEntry> {
  const entries: Record<string, SchemaEntry> = {};
  const parts = dump.split(/^--\n(?=-- Name: )/m);
  // What stands in front of the first entry are settings of the session.
  for (const part of parts.slice(1)) {
    const header = /^-- Name: (.*); Type: (.*); Schema: (.*?); Owner: (.*)\n--\n/.exec(part);
    if (header === null) throw new Error(`pg_dump wrote an entry that is not understood: ${part.slice(0, 80)}`);
    const [whole, name = '', type = '', schema = ''] = header;
    const object = schema === 'public' || schema === '-' ? name : `${schema}.${name}`;
    const key = `${type} ${object}`;
    const definition = `${entries[key]?.definition ?? ''}${body(part.slice(whole.length))}`;
    entries[key] = { type, object, definition };
  }
  return entries;
}

/** Settings that pg_dump writes between entries apply to the next one, and the last entry ends with its closing words. */
function body(text: string): string {
  return text.replace(/^--\n-- PostgreSQL database dump complete\n--\n/m, '').trim();
}
