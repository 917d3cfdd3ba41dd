import { printable } from '../../terminal/printable.ts';

/** Nothing where there is nothing to say. Pure. */
export function section(title: string, body: string): string {
  return body === '' ? '' : `## ${title}\n\n${body}`;
}

/** What stands in a cell of a table. */
export type Cell = string | number | null | Strong;

/** Emphasis of our own. Whatever else stands in a cell is text. */
interface Strong {
  strong: string;
}

/** Pure. */
export function strong(text: string): Strong {
  return { strong: text };
}

/** Nothing where there are no rows. Pure. */
export function table(head: string[], rows: Cell[][]): string {
  if (rows.length === 0) return '';
  const line = (cells: string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map((row) => line(row.map(renderCell)))].join('\n');
}

function renderCell(cell: Cell): string {
  if (typeof cell === 'object' && cell !== null) return `**${escape(cell.strong)}**`;
  return escape(String(cell ?? ''));
}

/** Pure. */
export function quote(text: string): string {
  return (
    text
      .split('\n')
      // At the start of a line these would make a list, a heading of the line before, or a rule.
      .map((line) => `> ${escape(line).replace(/^( ?)([-+=])/, '$1\\$2')}`)
      .join('\n')
  );
}

/** Names come from databases: none may break out of its line or cell, or bring markup of its own. */
export function escape(text: string): string {
  return printable(text.replace(/\s+/g, ' ')).replace(/[\\`*_[\]<>|#~&]/g, '\\$&');
}

/** Only a diff may have lines of its own: their indentation keeps them from being markup. */
export function codeBlock(text: string): string {
  return text
    .split('\n')
    .map((line) => `      ${printable(line)}`)
    .join('\n');
}
