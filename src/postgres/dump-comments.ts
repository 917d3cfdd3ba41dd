/** What pg_dump writes above each entry of a plain dump, as a pattern: its table of contents, spread over the text. */
export const entryPattern =
  '(?:Data for )?Name: (?<name>.*); Type: (?<type>.*); Schema: (?<schema>.*?); Owner: (?<owner>.*)';

/** An entry of a dump's table of contents. */
export interface DumpEntry {
  /** As pg_dump names it: TABLE, TABLE DATA, INDEX, FK CONSTRAINT … */
  type: string;
  /** Its name as it is, without quotes, and with its schema unless that is public. */
  object: string;
  /** Its name alone. */
  name: string;
  /** Of the object, without quotes; null where it has none. */
  schema: string | null;
  /** null where the dump leaves owners out. */
  owner: string | null;
}

/** What a comment of pg_dump says: that the dump starts or is complete, or which entry follows. Null for any other. Pure. */
export function readDumpComment(comment: string): 'start' | 'end' | DumpEntry | null {
  if (comment === ' PostgreSQL database dump') return 'start';
  if (comment === ' PostgreSQL database dump complete') return 'end';
  const { name, type, schema, owner = '-' } = entry.exec(comment)?.groups ?? {};
  if (name === undefined || type === undefined || schema === undefined) return null;
  const orNull = (text: string) => (text === '-' ? null : text);
  return { type, object: entryObject(name, schema), name, schema: orNull(schema), owner: orNull(owner) };
}

/** The object of an entry, by its name and schema. Pure. */
export function entryObject(name: string, schema: string): string {
  return schema === 'public' || schema === '-' ? name : `${schema}.${name}`;
}

const entry = new RegExp(`^ ${entryPattern}$`);
