/**
 * What quotes in SQL as pg_dump and PostgreSQL write it: strings, names, bodies between dollar signs, and comments.
 * Something that looks like SQL within them is not.
 */
export const quotedSql = String.raw`\bE'(?:[^'\\]|\\[^]|'')*'|'(?:[^']|'')*'|"(?:[^"]|"")*"|(?<![\w$])\$(?<tag>\w*)\$[^]*?\$\k<tag>\$|--.*`;

/** What stands outside of quotes and brackets. Pure. */
export function outsideBrackets(sql: string): string {
  return pieces(sql)
    .filter(({ text, depth }) => depth === 0 && text.length === 1)
    .map(({ text }) => text)
    .join('');
}

/** Splits at the commas that stand outside of quotes and brackets. Pure. */
export function splitOutsideBrackets(sql: string): string[] {
  const parts: string[] = [''];
  for (const { text, depth } of pieces(sql)) {
    if (text === ',' && depth === 0) parts.push('');
    else parts.push(`${parts.pop() ?? ''}${text}`);
  }
  return parts;
}

/** The offset of the bracket that closes the one at `opening`, or -1. Pure. */
export function findClosing(sql: string, opening: number): number {
  let depth = 0;
  for (const { 0: text, index } of sql.slice(opening).matchAll(token)) {
    depth += depthChange(text);
    if (depth === 0) return opening + index;
  }
  return -1;
}

/** The offset, from `from` on, at which `text` stands outside of quotes, or -1. Pure. */
export function findUnquoted(sql: string, text: string, from = 0): number {
  const pattern = new RegExp(`${quotedSql}|(?=${text.replace(/[^\w]/g, '\\$&')})`, 'g');
  for (const match of sql.matchAll(pattern)) {
    if (match[0] === '' && match.index >= from) return match.index;
  }
  return -1;
}

/** Quoted text as a whole, and all else character by character, each with the number of brackets around it. */
function pieces(sql: string): { text: string; depth: number }[] {
  let depth = 0;
  return Array.from(sql.matchAll(token), ([text]) => {
    const change = depthChange(text);
    if (change < 0) depth += change;
    const piece = { text, depth };
    if (change > 0) depth += change;
    return piece;
  });
}

function depthChange(text: string): number {
  return '([{'.includes(text) ? 1 : ')]}'.includes(text) ? -1 : 0;
}

const token = new RegExp(`${quotedSql}|[^]`, 'g');
