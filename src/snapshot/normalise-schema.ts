/** Takes one harmless difference out of the text of a definition. */
interface Normaliser {
  /** Why it differs although nothing is wrong, and what is caught all the same. */
  context: string;
  apply: (text: string) => string;
}

/** Takes out of pg_dump's output what differs between a database and its faithful copy. Pure. */
export function normaliseSchema(dump: string): string {
  return normalisers.reduce((text, { apply }) => apply(text), dump);
}

const normalisers: Normaliser[] = [
  {
    context:
      'Context: the header names the versions of server and tool, and newer tools guard their output with a random key; ' +
      'both say nothing of the database. Still caught: every definition.',
    apply: (text) => text.replace(/^(-- Dumped (from|by) .*|\\(un)?restrict .*)\n/gm, ''),
  },
  {
    context:
      'Context: PostgreSQL prints `x IN (…)` over varchar as a cast of an array, `(ARRAY[…])::text[]`; read back in, the ' +
      'cast moves to the elements and is printed there. Still caught: other values, another column, another operator.',
    apply: (text) =>
      text.replace(
        /\(ARRAY\[((?:'(?:[^']|'')*'::character varying(?:\(\d+\))?(?:, )?)+)\]\)::text\[\]/g,
        (_, list: string) => {
          const elements = list.match(/'(?:[^']|'')*'::character varying(?:\(\d+\))?/g) ?? [];
          return `ARRAY[${elements.map((element) => `(${element})::text`).join(', ')}]`;
        },
      ),
  },
  {
    context:
      'Context: a child that was created before it inherited may have its columns in another order than its parent; a ' +
      'restore creates it as a child, with the order of the parent. Still caught: a column that is missing, added or of ' +
      'another type; content is compared by name.',
    apply: (text) =>
      text.replace(
        /^(CREATE (?:UNLOGGED )?TABLE [^\n]* \(\n)((?: {4}[^\n]*\n)+)(\)\nINHERITS \()/gm,
        (_, head: string, body: string, tail: string) => {
          const columns = body
            .trimEnd()
            .split('\n')
            .map((line) => line.replace(/,$/, ''));
          return `${head}${columns.toSorted().join(',\n')}\n${tail}`;
        },
      ),
  },
  {
    context:
      'Context: blank lines separate entries and belong to the one before or after by chance. Still caught: everything ' +
      'but blank lines inside of function bodies.',
    apply: (text) => text.replace(/\n{2,}/g, '\n'),
  },
];
