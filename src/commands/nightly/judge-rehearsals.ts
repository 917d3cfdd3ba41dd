import { basename } from 'node:path';
import type { TakenBackup } from '../../backup/take-backup.ts';
import { firstReason, titleOf } from '../../evidence/describe.ts';
import { factsOfRehearsals } from '../../evidence/night.ts';
import type { Outcome } from '../../evidence/outcome.ts';
import type { Evidence } from '../../evidence/schema.ts';
import { combineVerdicts } from '../../evidence/verdict.ts';
import type { Done } from './stage.ts';

/**
 * What rehearsals say of a night. Pure.
 * @param taken the backup of the night, which has to be the one that was rehearsed
 */
export function judgeRehearsals(
  outcomes: readonly Pick<Outcome, 'evidence' | 'directory'>[],
  taken: TakenBackup | null,
): Done {
  const all = outcomes.map(({ evidence }) => evidence);
  const verdict = combineVerdicts(all.map((evidence) => evidence.verdict));
  const facts = factsOfRehearsals(
    outcomes.map(({ evidence: { rehearsal, verdict: own }, directory }) => ({ rehearsal, verdict: own, directory })),
  );
  if (verdict !== 'verified') {
    const code = verdict === 'not-verified' ? 'NOT_VERIFIED' : 'NOT_REHEARSED';
    return { verdict, problem: { code, message: describeBad(all) }, facts };
  }
  const other = findOther(all, taken);
  if (other === null) return { verdict, problem: null, facts };
  return { verdict: 'could-not-run', problem: { code: 'NOT_REHEARSED', message: other }, facts };
}

function describeBad(all: Evidence[]): string {
  if (all.length === 0) return 'No rehearsal came to its end.';
  const bad = all.filter(({ verdict }) => verdict !== 'verified');
  const lines = bad.map(
    (evidence) => `${titleOf(evidence)}: ${evidence.verdict} (${firstReason(evidence) ?? 'no step was run'})`,
  );
  return `${lines.join('\n')}\nIts own evidence says more.`;
}

/** A rehearsal of another backup than the one that was taken proves nothing about it. */
function findOther(all: Evidence[], taken: TakenBackup | null): string | null {
  const rehearsed = all.filter(({ about }) => about?.data === 'backup').flatMap(({ subject }) => subject?.file ?? []);
  if (taken === null || rehearsed.length === 0) return null;
  const wanted = basename(taken.set.dump);
  if (rehearsed.some((file) => basename(file) === wanted)) return null;
  return `${rehearsed.map((file) => basename(file)).join(', ')} was rehearsed, and not the backup of this night, ${wanted}. Is another job taking backups of this database at the same time, or did the copy off-host not arrive?`;
}
