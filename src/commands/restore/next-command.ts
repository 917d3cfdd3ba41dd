import { nearby } from '../../terminal/nearby.ts';
import { suggest } from '../../terminal/suggest.ts';
import type { FoundDump } from './find-dump.ts';
import type { Places } from './open-server.ts';
import type { Next } from './show-exchange.ts';

/** A command to be typed next, as it has to be typed. */
export function nextCommand(config: string, { pooler, ...server }: Places, found: FoundDump | null): Next {
  return (action, to) => {
    const isOfBackup = action !== 'rollback' && action !== 'diff';
    const other = action === 'diff' ? { with: to ?? null } : { to: to ?? null };
    const given = { switch: action === 'switch', rollback: action === 'rollback', ...other };
    return suggest('restore', {
      ...(isOfBackup && found !== null && nameDump(found)),
      ...server,
      pooler: action === 'diff' ? null : pooler,
      config,
      ...given,
    });
  };
}

/** What was fetched is gone with the command, and so fetched again: the same, whatever is newer then. */
function nameDump({ file, fetchedOf, named }: FoundDump) {
  if (named !== null) return { backup: named };
  return fetchedOf === null ? { backup: nearby(file) } : { fromOffsite: true, at: fetchedOf.toISOString() };
}
