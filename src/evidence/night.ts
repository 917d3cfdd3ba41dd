import { verdictSchema, type Evidence, type Facts, type Verdict } from './schema.ts';

/** What evidence calls a whole night: backup, copy off-host, rehearsal, deletion of old backups. Its steps are those stages. */
export const nightName = 'nightly';

/** Whether evidence is of a whole night. Pure. */
export function isNight({ rehearsal }: Pick<Evidence, 'rehearsal'>): boolean {
  return rehearsal === nightName;
}

/** A rehearsal of a night, and the directory of its evidence. */
interface Rehearsed {
  rehearsal: string;
  verdict: Verdict;
  directory: string;
}

/** Rehearsals as a step of the night has them among its facts. Pure. */
export function factsOfRehearsals(all: readonly Rehearsed[]): Facts {
  return Object.fromEntries(all.map(({ rehearsal, verdict, directory }) => [rehearsal, `${verdict}, ${directory}`]));
}

/** What a night has rehearsed, read from those facts. Pure. */
export function rehearsedIn({ steps }: Pick<Evidence, 'steps'>): Rehearsed[] {
  return steps
    .flatMap(({ facts }) => Object.entries(facts))
    .flatMap(([rehearsal, value]) => {
      const [word, directory] = String(value).split(', ');
      const verdict = verdictSchema.safeParse(word);
      return verdict.success && directory !== undefined ? [{ rehearsal, verdict: verdict.data, directory }] : [];
    });
}
