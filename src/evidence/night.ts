import { isFleet } from './fleet.ts';
import { verdictSchema, type Evidence, type Facts, type Verdict } from './schema.ts';

/** What evidence calls a whole night: backup, copy off-host, rehearsal, deletion of old backups. Its steps are those stages. */
export const nightName = 'nightly';

/** Whether evidence is of a whole night. Pure. */
export function isNight({ rehearsal }: Pick<Evidence, 'rehearsal'>): boolean {
  return rehearsal === nightName;
}

/** Whether evidence sums up others: it restores nothing itself, and its steps name what did. Pure. */
export function isSummary(evidence: Pick<Evidence, 'rehearsal'>): boolean {
  return isNight(evidence) || isFleet(evidence);
}

/** A rehearsal of a night, and the directory of its evidence. */
interface Rehearsed {
  rehearsal: string;
  verdict: Verdict;
  directory: string;
  /** The step that it is a fact of. */
  step: string;
}

/** Rehearsals as a step of the night has them among its facts. Pure. */
export function factsOfRehearsals(all: readonly Omit<Rehearsed, 'step'>[]): Facts {
  return Object.fromEntries(all.map(({ rehearsal, verdict, directory }) => [rehearsal, `${verdict}, ${directory}`]));
}

/** What a night has rehearsed, read from those facts. Pure. */
export function rehearsedIn({ steps }: Pick<Evidence, 'steps'>): Rehearsed[] {
  return steps
    .flatMap(({ facts, name }) => Object.entries(facts).map(([rehearsal, value]) => [rehearsal, value, name] as const))
    .flatMap(([rehearsal, value, step]) => {
      const [word, directory] = String(value).split(', ');
      const verdict = verdictSchema.safeParse(word);
      return verdict.success && directory !== undefined ? [{ rehearsal, verdict: verdict.data, directory, step }] : [];
    });
}
