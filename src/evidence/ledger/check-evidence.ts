import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEvidence } from '../parse.ts';
import type { Evidence } from '../schema.ts';
import { hashOf, type RunLine } from './line.ts';
import type { LedgerProblem } from './problem.ts';

/** A directory of evidence that is as its line has it. */
export interface IntactEvidence {
  evidence: Evidence;
  /** The bytes of evidence.json, and of the bundles beside it, by name. */
  bytes: Buffer;
  bundles: Map<string, Buffer>;
}

const isBundle = (name: string) => name.endsWith('.intoto.json');

/**
 * Recomputes the hash of every file that a line has, and holds the line against the evidence. Nobody waits for it but the verifier, and
 * of ten thousand runs a promise for each file takes longer than all else.
 */
export function checkEvidence(reports: string, line: RunLine): IntactEvidence | LedgerProblem {
  const { directory, files } = line;
  const names = attempt(() => readdirSync(join(reports, directory)));
  if (names === null) return missing(line, 'the directory');
  const kept = new Map<string, Buffer>();
  for (const [name, expected] of Object.entries(files)) {
    const bytes = attempt(() => readFileSync(join(reports, directory, name)));
    if (bytes === null) return missing(line, name);
    if (hashOf(bytes) !== expected) {
      const message = `${directory}/${name} was changed: its SHA-256 is not the one of line ${line.number}.`;
      return { code: 'EVIDENCE_CHANGED', message };
    }
    if (name === 'evidence.json' || isBundle(name)) kept.set(name, bytes);
  }
  const added = names.find((name) => !(name in files));
  if (added !== undefined) {
    return { code: 'EVIDENCE_ADDED', message: `${directory}/${added} is in no line: somebody has put it there.` };
  }
  const bytes = kept.get('evidence.json');
  if (bytes === undefined) return missing(line, 'evidence.json');
  kept.delete('evidence.json');
  const evidence = parseEvidence(bytes);
  if (evidence === null) {
    return { code: 'EVIDENCE_INVALID', message: `${directory}/evidence.json does not keep to its schema.` };
  }
  return findDifference(line, evidence) ?? { evidence, bytes, bundles: kept };
}

function attempt<T>(read: () => T): T | null {
  try {
    return read();
  } catch {
    return null;
  }
}

function missing({ directory, number }: RunLine, what: string): LedgerProblem {
  return { code: 'EVIDENCE_MISSING', message: `${what} of ${directory} is gone, which line ${number} has.` };
}

/** The line that a run followed when its evidence was written, as far as that is known. */
function followed({ kind, previous, part }: RunLine): (string | null)[] {
  if (kind === 'adopted') return [];
  return [kind === 'merged' && part !== undefined ? part.previous : previous];
}

/** Whether the line says what the evidence says. */
function findDifference(line: RunLine, evidence: Evidence): LedgerProblem | null {
  const pairs: [string, unknown, unknown][] = [
    ['id', line.id, evidence.id],
    ['rehearsal', line.rehearsal, evidence.rehearsal],
    ['verdict', line.verdict, evidence.verdict],
    ['database', line.database, evidence.about?.database ?? null],
    ...followed(line).map((previous): [string, unknown, unknown] => ['previous', previous, evidence.previous]),
  ];
  const differing = pairs.find(([, said, written]) => said !== written);
  if (differing === undefined) return null;
  const [name, said, written] = differing;
  const where = `${line.directory}/evidence.json`;
  const message = `Line ${line.number} says ${name} ${String(said)}, and ${where} says ${String(written)}.`;
  return { code: 'LINE_CHANGED', message };
}
