import { readDump, type DumpFile } from './archive-input.ts';
import { isDrop, isMissing } from './drop-phase.ts';

/** What `pg_dump --clean` writes before all else: statements that drop what the dump creates. */
export interface PlainDropPhase {
  /** The length of the dump up to its end. */
  endOffset: number;
  /** Where its lines are, without their line breaks. */
  lines: { offset: number; length: number }[];
  /** The last line of each statement, counted from 1. */
  lastLines: Set<number>;
}

interface Line {
  text: string;
  offset: number;
  number: number;
}

/**
 * Finds the drop phase of a plain SQL dump: the statements that drop, up to the first that does not, with nothing before them
 * but what sets the session up. Null where there is none.
 */
export async function findPlainDropPhase(dump: DumpFile): Promise<PlainDropPhase | null> {
  const phase: PlainDropPhase = { endOffset: 0, lines: [], lastLines: new Set() };
  let statement: Line[] = [];
  for await (const line of readLines(dump)) {
    if (statement.length === 0) {
      if (line.text === '') continue;
      if (phase.lines.length === 0 && setsUp.test(line.text)) continue;
    }
    statement.push(line);
    if (statement.length > longestStatement) break;
    if (!line.text.endsWith(';')) continue;
    if (!isDrop(statement.map(({ text }) => text).join('\n'))) break;
    phase.lines.push(...statement.map(({ offset, text }) => ({ offset, length: text.length })));
    phase.lastLines.add(line.number);
    phase.endOffset = line.offset + line.text.length;
    statement = [];
  }
  return phase.lines.length === 0 ? null : phase;
}

/** A view of NULLs has a line for each column; a table has no more than 1600. */
const longestStatement = 2000;

/** What stands before the drop phase: comments, settings, and commands of psql around the whole. */
const setsUp = /^(?:--|SET \w+ = |SELECT pg_catalog\.set_config\(|\\restrict )/;

/**
 * Takes the errors out that psql met while it dropped what is not there, and counts them; see drop-phase.ts for the reason. Pure.
 * @param stderr of psql on the part of a dump that ends with its drop phase
 */
export function withoutPlainDropErrors(
  stderr: string,
  { lastLines }: Pick<PlainDropPhase, 'lastLines'>,
): { stderr: string; dropErrors: number } {
  const lines = stderr.split('\n');
  const kept = lines.filter((line) => {
    const [, number, error = ''] = /^psql:<stdin>:(\d+): ERROR: +(.*)/.exec(line) ?? [];
    return number === undefined || !lastLines.has(Number(number)) || !isMissing(error);
  });
  return { stderr: kept.join('\n'), dropErrors: lines.length - kept.length };
}

/** The lines of a dump, with a character a byte. */
async function* readLines(dump: DumpFile): AsyncGenerator<Line> {
  let rest = '';
  let offset = 0;
  let number = 1;
  for await (const chunk of readDump(dump)) {
    const texts = `${rest}${chunk.toString('latin1')}`.split('\n');
    rest = texts.pop() ?? '';
    for (const text of texts) {
      yield { text, offset, number };
      offset += text.length + 1;
      number += 1;
    }
  }
  yield { text: rest, offset, number };
}
