/**
 * The same text for the same name, whatever stands in quotes: `public.users` and `"public"."users"`, as pg_dump writes it with
 * --quote-all-identifiers and where a name is a keyword of its version. Pure.
 * @param name as SQL has it, with its schema or without
 */
export function nameKey(name: string): string {
  return JSON.stringify((name.match(/"(?:[^"]|"")*"|[^".]+/g) ?? []).map(unquote));
}

/** A name as it is. Pure. */
export function unquote(name: string): string {
  return name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name;
}
