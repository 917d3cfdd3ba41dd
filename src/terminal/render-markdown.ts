import { styleText } from 'node:util';
import { wrap } from './wrap.ts';

/**
 * Shows a document of ours at a terminal: headings, lists, quotes and tables, whose escapes are undone. A table of two columns, or
 * one that is too wide, becomes lines of names and what stands under them. Pure.
 * @param columns of the terminal; null where it is none
 */
export function renderForTerminal(markdown: string, columns: number | null): string {
  const blocks = markdown.trim().split(/\n{2,}/);
  return `${blocks.map((block) => renderBlock(block, columns ?? 80)).join('\n\n')}\n`;
}

function renderBlock(block: string, columns: number): string {
  const lines = block.split('\n');
  if (/^#+ /.test(block)) return styleText('bold', plain(block.replace(/^#+ /, '')));
  if (block.startsWith('|')) return renderTable(lines.map(cellsOf), columns);
  return lines.map((line) => renderLine(line, columns)).join('\n');
}

function renderLine(line: string, columns: number): string {
  // Diffs and commands stand as they are.
  if (/^ {6}/.test(line)) return line;
  const [start = '', item = ''] = /^ *(- |> )?/.exec(line) ?? [];
  return wrap(`${item}${plain(line.slice(start.length))}`, columns, { first: 2, hanging: 4 });
}

function cellsOf(line: string): string[] {
  return line
    .slice(1, -1)
    .split(/(?<!\\)\|/)
    .map((cell) => plain(cell.trim()));
}

function renderTable([head = [], , ...rows]: string[][], columns: number): string {
  const used = head.map((_, index) => index).filter((index) => rows.some((row) => row[index] !== ''));
  const widths = used.map((index) => Math.max(...[head, ...rows].map((row) => row[index]?.length ?? 0)));
  const total = widths.reduce((sum, width) => sum + width + 2, 0);
  const isOfFacts = head.every((title) => title === '');
  if (isOfFacts) return rows.map(([name = '', text = '']) => fact(name, text, widths[0] ?? 0, columns)).join('\n');
  if (total > columns) return rows.map((row) => record(head, row, columns)).join('\n');
  const line = (cells: string[]) =>
    `  ${used.map((index, place) => (cells[index] ?? '').padEnd(widths[place] ?? 0)).join('  ')}`.trimEnd();
  return [styleText('dim', line(head)), ...rows.map(line)].join('\n');
}

function fact(name: string, text: string, width: number, columns: number): string {
  return wrap(`${name.padEnd(width)}  ${text}`, columns, { first: 2, hanging: width + 4 });
}

/** The first cell, and below it what the others say, each with its heading. */
function record(head: string[], [first = '', ...rest]: string[], columns: number): string {
  const texts = rest.flatMap((cell, index) => {
    const title = head[index + 1] ?? '';
    return cell === '' ? [] : [wrap(`${title === '' ? '' : `${title}: `}${cell}`, columns, { first: 4, hanging: 6 })];
  });
  return [`  ${first}`, ...texts].join('\n');
}

/** Without escapes and emphasis. */
function plain(text: string): string {
  return text.replace(/\\([\\`*_[\]<>|#~&+=-])|\*\*/g, (_, escaped: string | undefined) => escaped ?? '');
}
