import { basename, join } from 'node:path';
import type { BackupFinding } from '../../backup/backup-finding.ts';
import { parseBackupName } from '../../backup/backup-name.ts';
import type { BackupSet } from '../../backup/backup-set.ts';
import type { PassedOver } from '../../backup/choose-backup.ts';
import { describeDump, type DumpDescription } from '../../backup/dump-description.ts';
import { examineFiles, type Examination } from '../../backup/examine.ts';
import { unpackDump } from '../../backup/unpack.ts';
import type { DumpFile } from '../../postgres/archive-input.ts';
import type { Contribution } from '../../evidence/contribution.ts';
import type { Check, Finding } from '../../evidence/schema.ts';
import type { Drill } from '../drill.ts';
import { toolLimits } from '../limits.ts';
import { locateBackup, type Located } from '../locate-backup.ts';
import type { StepBody } from '../step.ts';

/**
 * Chooses the backup that is rehearsed, reads its files, and unpacks it where it was packed as a whole. Whatever is said of it
 * later is said of what was read here. The clock of the RTO starts here: nothing is left but backups.
 */
export const selectBackup: StepBody = async (drill, say) => {
  drill.mark('gone');
  const located = await locateBackup(drill, say);
  const facts = describe(located);
  const passedOver = located.passedOver.map((each) => passedOverFinding(drill, each));
  const { set } = located;
  if (set === null) {
    return { summary: 'none', facts, checks: [check(located)], findings: [noBackup(drill, located), ...passedOver] };
  }
  say(basename(set.dump));
  const examination = await examineFiles(set, drill.directory);
  const opened = await open(drill, examination);
  if ('rule' in opened) {
    const problem: Finding = { ...opened, severity: 'error', object: basename(set.dump) };
    return { summary: opened.rule, facts, checks: [check(located)], findings: [problem, ...passedOver] };
  }
  const { dump, description } = opened;
  const { takenAt, by } = readMoment(drill, set, examination, description);
  drill.backup = { set, examination, dump, description, takenAt };
  drill.mark('chosen');
  return {
    summary: `${basename(set.dump)} of ${takenAt.toISOString()}, from ${located.from}`,
    facts: {
      ...facts,
      file: basename(set.dump),
      database: drill.profile.database.name,
      takenAt: takenAt.toISOString(),
      takenAtBy: by,
      format: formatOf(description, dump !== examination.dump),
    },
    checks: [check(located)],
    findings: passedOver,
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

async function open(
  drill: Drill,
  { dump }: Examination,
): Promise<BackupFinding | { dump: DumpFile; description: DumpDescription }> {
  const description = describeDump(dump.head, dump.isDirectory);
  if (description.packing === null) return { dump, description };
  const file = join(drill.directory, 'unpacked.dump');
  const { path } = drill.environment;
  const unpacked = await unpackDump(dump, description.packing, file, { ...toolLimits(drill), path });
  return 'rule' in unpacked ? unpacked : { dump: unpacked, description: describeDump(unpacked.head, false) };
}

function formatOf({ format }: DumpDescription, isPacked: boolean): string {
  return `${format ?? 'unknown'}${isPacked ? ', packed' : ''}`;
}

/** When a backup was taken: what is nearest to the truth says it. */
function readMoment(
  drill: Drill,
  set: BackupSet,
  { manifest, dump }: Examination,
  { madeAt }: DumpDescription,
): { takenAt: Date; by: string } {
  if (manifest !== null) return { takenAt: new Date(manifest.takenAt), by: 'the manifest' };
  const named = parseBackupName(basename(set.dump), drill.profile.database.name);
  if (named !== null) return { takenAt: named.takenAt, by: 'the name of the file' };
  if (madeAt !== null) {
    const takenAt = new Date(`${madeAt.replace(' ', 'T')}Z`);
    if (!Number.isNaN(takenAt.getTime())) return { takenAt, by: 'the archive, its time taken for UTC' };
  }
  return { takenAt: dump.changedAt, by: 'the last change of the file' };
}
