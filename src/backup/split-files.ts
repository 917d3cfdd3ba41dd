import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { readHead } from '../system/read-head.ts';
import type { BackupFinding } from './format/backup-finding.ts';
import { recogniseFormat } from './format/formats.ts';
import { recogniseLayer } from './layers/layers.ts';

/** What is wrong with a dump, with that first of all: that it is one of several parts of a file. Whole dumps may be numbered, too. */
export async function withSplit(dump: string, findings: BackupFinding[]): Promise<BackupFinding[]> {
  if (!findings.some(({ rule }) => /^ARCHIVE_(?:TRUNCATED|CORRUPT|NOT_RECOGNISED)$/.test(rule))) return findings;
  const split = await findSplit(dump);
  return split === null || findings.some(({ rule }) => rule === split.rule) ? findings : [split, ...findings];
}

async function findSplit(dump: string): Promise<BackupFinding | null> {
  const name = basename(dump);
  const beside = await readdir(dirname(dump)).catch(() => []);
  const zipped = partsOfZip(beside, name);
  if (zipped !== null) return inParts(name, zipped, `zip -s 0 ${zipped.at(-1) ?? ''} --out whole.zip`);
  const names = partsLike(beside, name);
  if (names === null || (await areWhole(names.slice(1).map((each) => join(dirname(dump), each))))) return null;
  const [, stem = ''] = part.exec(name) ?? [];
  return inParts(name, names, `cat ${stem}* > ${stem.replace(/[._-](?:part[._-]?)?$/i, '')}`);
}

/** How programs that split a file name its parts: `shop.dump.aa`, `shop.7z.001`, `shop.dump.part2`. */
const part = /^(.*[._-](?:part[._-]?)?)([a-z]{2,3}|\d{1,4})$/i;

/** The parts that a file belongs to, in their order, where each follows the one before; null where it is none. */
function partsLike(beside: string[], name: string): string[] | null {
  const [, stem, suffix = ''] = part.exec(name) ?? [];
  if (stem === undefined) return null;
  const ofSame = beside.flatMap((each) => {
    const [, otherStem, other = ''] = part.exec(each) ?? [];
    return otherStem === stem && isNumber(other) === isNumber(suffix) ? [{ each, place: placeOf(other) }] : [];
  });
  const sorted = ofSame.toSorted((a, b) => a.place - b.place);
  const [first] = sorted;
  const isSeries = first !== undefined && sorted.every(({ place }, index) => place === first.place + index);
  return isSeries && sorted.length > 1 ? sorted.map(({ each }) => each) : null;
}

function isNumber(suffix: string): boolean {
  return /^\d/.test(suffix);
}

/** `aa`, `ab` … `az`, `ba` count like numbers do. */
function placeOf(suffix: string): number {
  if (isNumber(suffix)) return Number(suffix);
  return Array.from(suffix.toLowerCase()).reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 97, 0);
}

/** `shop.z01`, `shop.z02`, `shop.zip`: the last one has the table of contents. */
function partsOfZip(beside: string[], name: string): string[] | null {
  const [, stem] = /^(.*)\.z(?:ip|\d\d)$/i.exec(name) ?? [];
  if (stem === undefined) return null;
  const numbered = beside.filter((each) => each.startsWith(`${stem}.`) && /^\.z\d\d$/i.test(each.slice(stem.length)));
  return numbered.length === 0 ? null : [...numbered.toSorted(), `${stem}.zip`];
}

/** Dumps that are numbered, and each is one: nothing but the first part of a file starts as a dump does. */
async function areWhole(others: string[]): Promise<boolean> {
  const starts = await Promise.all(others.map((file) => readHead(file, 4096).catch(() => Buffer.alloc(0))));
  return starts.some((head) => recogniseFormat({ head, isDirectory: false }) !== null || recogniseLayer(head) !== null);
}

function inParts(name: string, names: string[], command: string): BackupFinding {
  const shown = names.length > 6 ? [...names.slice(0, 5), `… ${names.at(-1) ?? ''}`] : names;
  return {
    rule: 'DUMP_IN_PARTS',
    message: `${name} is not whole, and is one of ${names.length} parts of a file: ${shown.join(', ')}.`,
    remedy: `Put them together in the order of their names, and take that: ${command}`,
  };
}
