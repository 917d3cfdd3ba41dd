import { basename } from 'node:path';
import type { PassedOver } from '../../backup/choose-backup.ts';
import type { Contribution } from '../../evidence/contribution.ts';
import type { Check, Finding } from '../../evidence/schema.ts';
import { readMoment } from '../../restore/backup-moment.ts';
import { readBackup, type Backup } from '../../restore/read-backup.ts';
import type { Drill } from '../drill.ts';
import { toolLimits } from '../limits.ts';
import { locateBackup, type Located } from '../locate-backup.ts';
import type { StepBody } from '../step.ts';

/** A backup that somebody else took, chosen to be rehearsed. */
export interface ChosenBackup extends Backup {
  takenAt: Date;
}

/**
 * Chooses the backup that is rehearsed, and reads its files. The clock of the RTO starts here: nothing is left but backups.
 */
export const selectBackup: StepBody<unknown, ChosenBackup> = async (drill, _needs, say) => {
  const { run, profile, stopwatch } = drill;
  stopwatch.mark('gone');
  const located = await locateBackup(drill, say);
  const facts = describe(located);
  const passedOver = located.passedOver.map((each) => passedOverFinding(drill, each));
  const { set } = located;
  if (set === null) {
    return { summary: 'none', facts, checks: [check(located)], findings: [noBackup(drill, located), ...passedOver] };
  }
  const file = basename(set.dump);
  say(file);
  const limits = { ...toolLimits(drill), path: run.environment.path };
  const backup = await readBackup(set, run.directory, limits);
  const { takenAt, by } = readMoment(backup, profile.database.name);
  stopwatch.mark('chosen');
  return {
    made: { ...backup, takenAt },
    summary: `${file} of ${takenAt.toISOString()}, from ${located.from}`,
    facts: {
      ...facts,
      file,
      database: profile.database.name,
      takenAt: takenAt.toISOString(),
      takenAtBy: by,
      format: backup.formatName,
    },
    checks: [check(located)],
    findings: [
      ...backup.warnings.map((warning): Finding => ({ ...warning, severity: 'warning', object: file })),
      ...passedOver,
    ],
  };
};

function describe({ from, candidates, passedOver }: Located): NonNullable<Contribution['facts']> {
  const reasons = passedOver.map(({ stem, reason }) => `${stem} (${reason})`);
  return { from, candidates, passedOver: reasons.join('; ') || 'none' };
}

function check({ set, candidates }: Located): Check {
  return {
    id: 'backup-found',
    status: set === null ? 'failed' : 'passed',
    reason: null,
    expected: 'a backup that is whole',
    actual: set === null ? `none of ${candidates}` : basename(set.dump),
  };
}

function noBackup(drill: Drill, { from, candidates }: Located): Finding {
  const what = candidates === 0 ? 'no backup' : `no whole backup among ${candidates}`;
  return {
    rule: 'NO_BACKUP',
    severity: 'error',
    object: drill.profile.database.name,
    message: `There is ${what} of ${drill.profile.database.name} in ${from}.`,
    remedy: `See whether the backup job runs, and whether backups.directory is where it writes. This takes one: ${drill.suggest('backup')}`,
  };
}

/** One that is newer than the one that was chosen should have been whole. */
function passedOverFinding(drill: Drill, { stem, reason, isDamaged = false }: PassedOver): Finding {
  if (isDamaged) return damagedFinding(drill, stem, reason);
  return {
    rule: 'BACKUP_INCOMPLETE',
    severity: 'warning',
    object: stem,
    message: `${stem} was passed over: ${reason}.`,
    remedy:
      'See whether the backup job was interrupted, or is at work; remove what is left of a backup that never ended.',
  };
}

function damagedFinding(drill: Drill, stem: string, reason: string): Finding {
  return {
    rule: 'OFFSITE_COPY_DAMAGED',
    severity: 'error',
    object: stem,
    message: `The copy of ${stem} that is off-host is not what was copied there: ${reason}.`,
    remedy: `Remove its receipt (.offsite.json), find out what changes files there, and copy it again: ${drill.suggest('offsite')}`,
  };
}
