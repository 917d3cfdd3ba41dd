import { readdir } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import type { BackupFinding } from './format/backup-finding.ts';

/** How programs that split a file name its parts: `shop.dump.aa`, `shop.7z.001`, `shop.dump.part2`. */
const part = /^(.*[._-](?:part[._-]?)?)([a-z]{2}|\d{1,4})$/i;

/** What is wrong with a dump, with that first of all: that it is one of several parts of a file. Whole dumps may be numbered, too. */
export async function withSplit(dump: string, findings: BackupFinding[]): Promise<BackupFinding[]> {
  if (!findings.some(({ rule }) => /^ARCHIVE_(?:TRUNCATED|CORRUPT|NOT_RECOGNISED)$/.test(rule))) return findings;
  const split = await findSplit(dump);
  return split === null || findings.some(({ rule }) => rule === split.rule) ? findings : [split, ...findings];
}

async function findSplit(dump: string): Promise<BackupFinding | null> {
  const name = basename(dump);
  const names = (await readdir(dirname(dump)).catch(() => [])).filter((each) => isPartOfSame(each, name)).toSorted();
  if (names.length < 2) return null;
  const [, stem = ''] = part.exec(name) ?? [];
  const shown = names.length > 6 ? [...names.slice(0, 5), `… ${names.at(-1) ?? ''}`] : names;
  return {
    rule: 'DUMP_IN_PARTS',
    message: `${name} is not whole, and is one of ${names.length} parts of a file: ${shown.join(', ')}.`,
    remedy: `Put them together in the order of their names, and rehearse that: cat ${stem}* > ${stem.replace(/[._-](?:part[._-]?)?$/i, '')}`,
  };
}

function isPartOfSame(other: string, name: string): boolean {
  const [, stem, suffix = ''] = part.exec(name) ?? [];
  const [, otherStem, otherSuffix = ''] = part.exec(other) ?? [];
  const isNumber = (text: string) => /^\d/.test(text);
  return stem !== undefined && stem === otherStem && isNumber(suffix) === isNumber(otherSuffix);
}
