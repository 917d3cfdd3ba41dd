import { basename } from 'node:path';
import { backupPrefix } from '../../backup/backup-name.ts';
import type { BackupSet } from '../../backup/backup-set.ts';
import type { PassedOver } from '../../backup/choose-backup.ts';
import type { Contribution } from '../../evidence/contribution.ts';
import type { Check, Finding } from '../../evidence/schema.ts';
import { OperationalError } from '../../system/operational-error.ts';
import { readMoment } from '../../restore/backup-moment.ts';
import { readBackup, type Backup } from '../../restore/read-backup.ts';
import type { Drill } from '../drill.ts';
import { assumeFromBackup } from '../assume-profile.ts';
import { readLimits } from '../limits.ts';
import { notEncrypted } from '../not-encrypted.ts';
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
  const { run, stopwatch } = drill;
  stopwatch.mark('gone');
  const located = await locateBackup(drill, say);
  const facts = describe(located);
  const amiss = located.passedOver.filter(({ isOther }) => isOther !== true);
  const passedOver = amiss.map((each) => passedOverFinding(drill, each, located.set));
  const { set } = located;
  if (set === null) {
    if (isNothingThere(located)) throw nothingThere(drill, located);
    return { summary: 'none', facts, checks: [check(located)], findings: [noBackup(drill, located), ...passedOver] };
  }
  const file = basename(set.dump);
  say(file);
  const backup = await readBackup(set, run.directory, readLimits(drill));
  const assumed = await assumeFromBackup(drill, backup);
  const { takenAt, by } = readMoment(backup, drill.profile.database.name, located.moment);
  stopwatch.mark('chosen');
  return {
    made: { ...backup, takenAt },
    about: {
      data: drill.choices.source === null ? 'backup' : 'live',
      server: backup.examination.manifest?.source ?? null,
      ...assumed.about,
    },
    summary: `${file} of ${takenAt.toISOString()}, from ${located.from}`,
    facts: {
      ...facts,
      file,
      ...assumed.facts,
      database: drill.profile.database.name,
      takenAt: takenAt.toISOString(),
      takenAtBy: by,
      format: backup.formatName,
      ...describeKeys(backup),
    },
    checks: [check(located)],
    ...(assumed.coverage && { coverage: assumed.coverage }),
    findings: [
      ...(assumed.findings ?? []),
      ...backup.warnings.map((warning): Finding => ({ ...warning, severity: 'warning', object: file })),
      ...notEncrypted(drill, backup, file),
      ...(located.isWithoutManifest === true ? [withoutManifest(drill, file)] : []),
      ...passedOver,
    ],
  };
};

/** A backup whose key is lost is no backup: whose key it takes belongs into the evidence. */
function describeKeys({ openedWith: opened, examination: { manifest } }: Backup): NonNullable<Contribution['facts']> {
  if (opened.length === 0) return {};
  const to = manifest?.encryption?.recipients.join(', ');
  return {
    encryptedBy: opened.map(({ by }) => by).join(', '),
    encryptedTo: to ?? opened.map((each) => each.for).join(', '),
    decryptedWith: opened.map(({ key }) => key).join(', '),
  };
}

function describe({ from, candidates, passedOver, tool }: Located): NonNullable<Contribution['facts']> {
  const reasons = passedOver.map(({ stem, reason }) => `${stem} (${reason})`);
  const shown =
    reasons.length > shownReasons
      ? [...reasons.slice(0, shownReasons), `and ${reasons.length - shownReasons} more`]
      : reasons;
  return { from, candidates, passedOver: shown.join('; ') || 'none', ...(tool !== null && { namedBy: tool }) };
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

const shownReasons = 50;

/** Then nothing speaks against a backup: none has ever been there, or all of them are gone. */
function isNothingThere({ candidates, others }: Located): boolean {
  return candidates === 0 && (others ?? []).length === 0;
}

function nothingThere(drill: Drill, located: Located): OperationalError {
  const { message, remedy } = noBackup(drill, located);
  return new OperationalError('NO_BACKUP', `${message} ${remedy}`);
}

function noBackup(drill: Drill, located: Located): Finding {
  const { from, candidates, others } = located;
  if (located.isAnyName === true) return noneOfAny(drill, located);
  const { name } = drill.profile.database;
  const what = candidates === 0 ? 'no backup' : `no whole backup among ${candidates}`;
  const named = `${backupPrefix(name)}<YYYYMMDD>T<HHMMSS>Z.dump`;
  const where = others === null ? `${from}: there is no such directory` : from;
  return {
    rule: 'NO_BACKUP',
    severity: 'error',
    object: name,
    message: `There is ${what} of ${name} in ${where}. Looked for were files with the name ${named}${describeOthers(others)}.`,
    remedy:
      `See whether the backup job runs, and whether backups.directory is where it writes. ` +
      `A dump of any other name is rehearsed with --backup FILE. ${describeNewest(drill, others)}This takes one: ${drill.suggest('backup')}`,
  };
}

/** What other tools write is taken where somebody says so: what lies in a directory may be anything. */
function describeNewest(drill: Drill, others: string[] | null): string {
  const directory = drill.profile.backups?.directory;
  if (others === null || others.length === 0 || directory === undefined) return '';
  const command = drill.suggestNewest(directory);
  return `The newest of what is there, whichever tool wrote it: ${command}; every night, with backups.pattern: '**' in the profile. `;
}

function noneOfAny(drill: Drill, { from, candidates, passedOver }: Located): Finding {
  const { name } = drill.profile.database;
  const shown = passedOver.slice(0, shownFiles).map(({ stem, reason }) => `${stem}: ${reason}`);
  const why = shown.length === 0 ? '' : `: ${shown.join('; ')}${passedOver.length > shownFiles ? '; …' : ''}`;
  return {
    rule: 'NO_BACKUP',
    severity: 'error',
    object: name,
    message: `There is no backup of ${name} in ${from}. ${candidates === 0 ? 'No file there may be one' : `Of ${candidates} that may be one, none could be taken`}${why}.`,
    remedy:
      'See whether the backup job runs and writes there. A file is rehearsed whatever its name, where --backup names it.',
  };
}

function describeOthers(others: string[] | null): string {
  if (others === null || others.length === 0) return '';
  const shown = others.slice(-shownFiles).join(', ');
  const what = others.length === 1 ? 'another file is there' : `${others.length} other files are there`;
  return `; ${what}: ${others.length > shownFiles ? '… ' : ''}${shown}`;
}

const shownFiles = 5;

/** Somebody took it by hand. It is a backup, and less is known of it. */
function withoutManifest(drill: Drill, file: string): Finding {
  return {
    rule: 'BACKUP_WITHOUT_MANIFEST',
    severity: 'warning',
    object: file,
    message: `${file} comes alone, beside backups that have a manifest: what was restored is compared with the dump itself, and nothing says what its source held.`,
    remedy: `Where it was taken by hand, nothing is wrong with it. Where its manifest was lost, copy that back. This takes one with a manifest: ${drill.suggest('backup')}`,
  };
}

/** One that is newer than the one that was chosen should have been whole. */
function passedOverFinding(
  drill: Drill,
  { stem, reason, isDamaged = false }: PassedOver,
  chosen: BackupSet | null,
): Finding {
  if (isDamaged) return damagedFinding(drill, stem, reason, chosen);
  return {
    rule: 'BACKUP_INCOMPLETE',
    severity: 'warning',
    object: stem,
    message: `${stem} was passed over: ${reason}.`,
    remedy:
      'See whether the backup job was interrupted, or is at work; remove what is left of a backup that never ended.',
  };
}

function damagedFinding(drill: Drill, stem: string, reason: string, chosen: BackupSet | null): Finding {
  const older =
    chosen === null
      ? 'No older copy is whole.'
      : `The newest copy whose bytes are those of its manifest is ${basename(chosen.dump)}, and is rehearsed in its place.`;
  return {
    rule: 'OFFSITE_COPY_DAMAGED',
    severity: 'error',
    object: stem,
    message: `The copy of ${stem} that is off-host is not what was copied there: ${reason}. ${older}`,
    remedy: `Remove its receipt (.offsite.json), find out what changes files there, and copy it again: ${drill.suggest('offsite')}`,
  };
}
