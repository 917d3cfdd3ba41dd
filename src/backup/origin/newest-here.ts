import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { OperationalError } from '../../system/operational-error.ts';
import { namedBackupSet } from '../named-backup-set.ts';
import { chooseCandidate } from '../others/choose-candidate.ts';
import { findCandidates, type LocalCandidate } from '../others/find-candidates.ts';
import { findPhysical } from '../others/physical.ts';
import type { FoundBackup } from './found.ts';

/** Where the newest backup is looked for on this machine. */
export interface Searched {
  directory: string;
  /** A glob, relative to it. */
  pattern: string;
  database: string;
  now: Date;
}

/**
 * Finds the newest backup of a database among files that other tools wrote.
 * @throws OperationalError BACKUP_NOT_FOUND where there is no such directory
 */
export async function findNewestHere(searched: Searched): Promise<FoundBackup> {
  const { directory, pattern } = searched;
  if (!((await stat(directory).catch(() => null))?.isDirectory() ?? false)) {
    const message = `There is no directory ${directory}. See whether its disk is mounted, or name another one.`;
    throw new OperationalError('BACKUP_NOT_FOUND', message);
  }
  const candidates = await findCandidates(directory, pattern);
  findPhysical(candidates.map(({ path }) => path));
  return describe(candidates, searched);
}

async function describe(
  candidates: LocalCandidate[],
  { directory, pattern, ...wanted }: Searched,
): Promise<FoundBackup> {
  const { chosen, passedOver, older } = chooseCandidate(candidates, wanted);
  const counted = older === 0 ? passedOver : [...passedOver, olderOnes(older)];
  return {
    set: chosen === null ? null : await namedBackupSet(chosen.candidate.file),
    from: pattern === '**' ? directory : `${pattern} in ${basename(directory)}`,
    candidates: candidates.length,
    passedOver: counted,
    moment: chosen && { takenAt: chosen.takenAt, by: chosen.by },
    tool: chosen?.name.tool ?? null,
  };
}

/** All that are older have the same reason. */
export function olderOnes(count: number) {
  return { stem: count === 1 ? '1 more' : `${count} more`, reason: 'older', isOther: true };
}
