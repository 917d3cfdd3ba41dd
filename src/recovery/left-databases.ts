import type { Mark } from './marks.ts';
import type { MarkedDatabase } from './plan.ts';

/** A database that an earlier restore, switch or rollback beside the live one has left on the server. */
export interface LeftDatabase {
  name: string;
  /** What it is, in words. */
  about: string;
  inUse: boolean;
}

/** Those that bear our mark: a name can be anybody's. Pure. */
export function listLeft(databases: MarkedDatabase[], live: string): LeftDatabase[] {
  return databases.flatMap(({ name, mark, inUse }) => {
    if (mark === null || mark.database !== live || mark.state === 'live' || name === live) return [];
    return [{ name, about: describe(mark), inUse }];
  });
}

function describe(mark: Mark): string {
  const part = mark.part === undefined ? '' : 'a part of ';
  const backup = `${part}the backup of ${mark.takenAt}`;
  switch (mark.state) {
    case 'unfinished':
    case 'restoring':
      return `${backup}, whose restore did not come to its end`;
    case 'restored':
    case 'not-compared':
      return `${backup}, restored and compared with nothing`;
    case 'different':
      return `${backup}, restored, and not equal to its manifest`;
    case 'verified':
      return `${backup}, restored and verified`;
    case 'kept':
      return `what was live until ${mark.replacedAt}: a rollback needs it`;
    case 'rolled-back':
      return `what was live until the rollback of ${mark.rolledBackAt}`;
    case 'live':
      return 'live';
  }
}
