import type { Evidence } from './schema.ts';

/** The evidence of all databases of a plan together. Its steps are those databases. */
export const fleetName = 'fleet';

/** Whether evidence is of all databases of a plan together. Pure. */
export function isFleet({ rehearsal }: Pick<Evidence, 'rehearsal'>): boolean {
  return rehearsal === fleetName;
}
