const word = String.raw`(?:[a-z_\x80-\uffff][a-z0-9_$\x80-\uffff]*|"(?:[^"\n]|"")+")`;
const literal = String.raw`(?:E?'(?:[^'\n\\]|'')*')`;
const value = `(?:${literal}|${word}|-?[0-9.]+)`;
/** As the server keeps it. In another form, its log would show the password. */
const password = String.raw`(?: PASSWORD '(?:md5[0-9a-f]{32}|SCRAM-SHA-256\$[A-Za-z0-9+/=:$]+)')`;

/** What pg_dumpall --globals-only writes about roles, one statement a line. Groups: the role, and what follows. */
const statements = {
  create: `CREATE ROLE (${word});`,
  attributes: `ALTER ROLE (${word}) WITH ([A-Z -]+?(?: CONNECTION LIMIT -?[0-9]+)?${password}?(?: VALID UNTIL ${literal})?);`,
  setting: `ALTER ROLE (${word}) SET (${word}(?:\\.${word})* TO ${value}(?:, ${value})*);`,
  databaseSetting: `ALTER ROLE (${word}) IN DATABASE (${word} SET ${word}(?:\\.${word})* TO ${value}(?:, ${value})*);`,
  comment: `COMMENT ON ROLE (${word}) IS (${literal});`,
  membership: `GRANT (?<granted>${word}) TO (?<member>${word})((?: WITH [A-Z, ]+?)?(?: GRANTED BY ${word})?);`,
  nothing: String.raw`(--.*|\s*|SET [a-z_]+ = ${value};|\\(?:un)?restrict [A-Za-z0-9]+)()`,
};

export type GlobalsStatement = keyof typeof statements;

/** A line of dumped globals. */
export interface GlobalsLine {
  kind: GlobalsStatement;
  /** Whom it is about: of a membership, the member. */
  role: string;
  /** What it says of the role. */
  rest: string;
  /** Of a membership, the role that the member joins. */
  granted: string | null;
  text: string;
}

const patterns = Object.entries(statements).map(
  ([kind, pattern]) => [kind as GlobalsStatement, new RegExp(`^${pattern}$`)] as const,
);

/** Reads a line of dumped globals; null where pg_dumpall writes none like it about roles. Pure. */
export function readGlobalsLine(text: string): GlobalsLine | null {
  for (const [kind, pattern] of patterns) {
    const match = pattern.exec(text);
    if (match === null) continue;
    const { granted, member } = match.groups ?? {};
    const [, role = '', rest = ''] = granted === undefined ? match : [null, member, match[3]];
    return { kind, role: unquote(role), rest, granted: granted === undefined ? null : unquote(granted), text };
  }
  return null;
}

function unquote(name: string): string {
  return name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name;
}
