import { mask } from './redact.ts';

/**
 * Takes rows of data out of what PostgreSQL's tools print: detail, context and statement lines go, and so do the
 * values that some primary messages quote. What is left names the object and the reason. What a function of the
 * database raises in words of its own stays. Pure.
 */
export function withoutRows(text: string): string {
  return splitMessages(text)
    .filter((message) => !holdsRows.test(message))
    .map(maskValues)
    .join('\n');
}

/** A message and its further lines: rows and statements hold line breaks, too. */
function splitMessages(text: string): string[] {
  const messages: string[] = [];
  for (const line of text.split('\n')) {
    const current = messages.at(-1);
    // A line of a row can look like the start of anything: after rows, only a program's name or a hint counts.
    const start = current !== undefined && holdsRows.test(current) ? startAfterRows : startOfMessage;
    if (current === undefined || start.test(line)) messages.push(line);
    else messages[messages.length - 1] = `${current}\n${line}`;
  }
  return messages;
}

/** `psql:<stdin>:12: `, `/usr/bin/pg_restore: `. */
const program = String.raw`(?:\S*/)?(?:psql|pg_[a-z]+)(?::\S+:\d+)?: `;
const rows = String.raw`(?:DETAIL|CONTEXT|STATEMENT|QUERY|LINE \d+|(?:(?:detail|error): )?(?:The )?(?:[Cc]ommand|[Qq]uery) was):`;
const holdsRows = new RegExp(String.raw`^\s*(?:${program})?${rows}`);
const startOfMessage = new RegExp(
  String.raw`^(?:${program}|\s*${rows}|(?:ERROR|FATAL|PANIC|WARNING|NOTICE|INFO|HINT):)`,
);
const startAfterRows = new RegExp(`^(?:${program}|HINT:)`);

/**
 * `invalid input syntax for type integer: "…"`: PostgreSQL quotes values and names alike and escapes neither. Names
 * follow the word for what they name; whatever else stands in quotes counts as a value, up to the last quote.
 */
function maskValues(message: string): string {
  return message
    .replace(quoted, (_, name: string | undefined) => name ?? `"${mask}"`)
    .replace(/0x[0-9a-f]{2}(?: 0x[0-9a-f]{2})*|(?<=out of range: )[^\s"].*|(?<=invalid command \\)(?!N$).*/gm, mask);
}

const named = [
  ...['aggregate', 'class', 'collation', 'column', 'configuration', 'constraint', 'conversion', 'database'],
  ...['dictionary', 'directory', 'domain', 'encoding', 'enum', 'extension', 'family', 'file', 'function', 'host'],
  ...['index', 'language', 'library', 'locale', 'locale name:', 'method', 'object', 'option', 'parameter'],
  ...['parser', 'partition', 'policy', 'procedure', 'publication', 'relation', 'role', 'rule', 'schema'],
  ...['sequence', 'server', 'server at', 'slot', 'socket', 'subscription', 'table', 'tablespace', 'template'],
  ...['trigger', 'type', 'user', 'view', 'wrapper'],
];
const quoted = new RegExp(String.raw`(\b(?:${named.join('|')}) "[^"]*")|"[^]*"|"[^]*$`, 'g');
