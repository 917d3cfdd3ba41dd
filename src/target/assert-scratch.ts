import { OperationalError } from '../system/operational-error.ts';
import { markerDatabase, markerStatements, readMarker, type ServerIdentity } from './marker.ts';
import type { TargetFacts } from './read-target.ts';

/**
 * Sees to it that a server is for rehearsals, and that what was said of it still holds. Pure.
 * @param at host and port, as the URL has them
 * @param login of the URL
 * @throws OperationalError TARGET_REFUSED, TARGET_NOT_MARKED, NOT_PERMITTED
 */
export function assertScratch(facts: TargetFacts, at: string, login: string): void {
  const { system, isStandby, isMarked, lacks, others } = facts;
  if (isStandby) {
    const message = `The target ${at} is a standby: nothing can be made there, and what it follows is somebody's live server.`;
    throw new OperationalError('TARGET_REFUSED', `${message} Name a server of its own.`);
  }
  const here = { system, at };
  if (!isMarked) throw notMarked(here, `it has no database ${markerDatabase}`, { exists: false, login });
  const marker = readMarker(facts.marker);
  if (typeof marker === 'string') throw notMarked(here, marker, { exists: true, login });
  if (marker.system !== system) {
    const reason = `its marker is of the server ${marker.system}, and this one is ${system}: it is a copy, was restored from one, or has failed over`;
    throw notMarked(here, reason, { exists: true, login });
  }
  if (marker.at !== at) throw notMarked(here, `its marker is of ${marker.at}`, { exists: true, login });
  const unnamed = others.filter((name) => !marker.beside.includes(name));
  if (unnamed.length > 0) {
    const names = unnamed.map((name) => JSON.stringify(name)).join(', ');
    const message = `The target ${at} has databases that its marker does not name: ${names}. Nothing was changed. If this server is for rehearsals all the same, and what is restored there may slow them down, write them into "beside" of the marker, the comment on the database ${markerDatabase}.`;
    throw new OperationalError('TARGET_REFUSED', message);
  }
  if (lacks.length > 0) {
    const message = `The login ${login} of the target may not make databases and roles. Give it what it lacks: alter role ${login} ${lacks.join(' ').toLowerCase()};`;
    throw new OperationalError('NOT_PERMITTED', message);
  }
}

function notMarked(here: ServerIdentity, reason: string, how: { exists: boolean; login: string }): OperationalError {
  const message = `The target ${here.at} is not marked as one for rehearsals: ${reason}. Nothing was changed. If everything there may be slow, full and gone for a while, and only then, let an administrator of that server run:\n${markerStatements(here, how)}`;
  return new OperationalError('TARGET_NOT_MARKED', message);
}
