import type { Evidence } from './schema.ts';

/** What evidence calls a whole night: backup, copy off-host, rehearsal, deletion of old backups. Its steps are those stages. */
export const nightName = 'nightly';

/** Whether evidence is of a whole night. Pure. */
export function isNight({ rehearsal }: Pick<Evidence, 'rehearsal'>): boolean {
  return rehearsal === nightName;
}
