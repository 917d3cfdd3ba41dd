import { newestMajor } from '../../../backup/format/dump-description.ts';
import { imageOfMajor } from '../../../engine/detect.ts';
import type { DisposableServer } from '../../../engine/engine.ts';
import type { Finding } from '../../../evidence/schema.ts';
import { OperationalError } from '../../../system/operational-error.ts';
import { assertExtensions } from '../../assert-extensions.ts';
import type { Drill } from '../../drill.ts';
import type { ServedDatabase } from '../../served-database.ts';
import type { StepBody } from '../../step.ts';
import type { ChosenBackup } from '../select-backup.ts';
import { startForDump } from './start-for-dump.ts';

/**
 * Starts a disposable PostgreSQL of the major version that the chosen backup was taken from, without any database of the
 * profile's yet. The image that a flag names is taken as it is.
 */
export const startServerForBackup: StepBody<{ backup: ChosenBackup }, ServedDatabase> = async (
  drill,
  { backup },
  say,
) => {
  const needed = newestMajor(backup.description);
  const { image } = drill.profile.postgres;
  const ofMajor = needed === 0 || drill.choices.image !== null ? image : imageOfMajor(image, needed);
  const { started, major } = await startForDump(drill, backup, say, { image: ofMajor, major: needed || undefined });
  if (major < needed) throw tooOld(drill, started.made.server, needed);
  await assertExtensions(started.made, started.extensions);
  drill.stopwatch.mark('served');
  const findings = needed === 0 || major === needed ? [] : [anotherMajor(major, needed)];
  return { ...started.contribution, findings, made: started.made };
};

/** The backup is not to blame: somewhere else it may well restore. */
function tooOld({ profile }: Drill, { engine, serverVersion }: DisposableServer, needed: number): OperationalError {
  const mend =
    engine === 'target'
      ? `name a target of PostgreSQL ${needed}, or leave --target out`
      : engine === 'docker'
        ? `name an image of PostgreSQL ${needed} with --image, or as postgres.image in the profile, which has ${profile.postgres.image}`
        : `install PostgreSQL ${needed} (apt-get install postgresql-${needed}), name its programs with REHEARSAL_PG_BINDIR, or use Docker`;
  const message = `The backup takes a server of PostgreSQL ${needed}, and only ${serverVersion} is to be had here (${engine}). To rehearse it: ${mend}.`;
  return new OperationalError('SERVER_TOO_OLD', message);
}

function anotherMajor(major: number, needed: number): Finding {
  return {
    rule: 'SERVER_OF_ANOTHER_MAJOR',
    severity: 'warning',
    object: `PostgreSQL ${major}`,
    message: `The backup was taken from PostgreSQL ${needed} and is restored into ${major}. Rows are compared exactly; definitions print differently there, so changed ones are only warnings.`,
    remedy: `Rehearse with PostgreSQL ${needed}: an image of that version, or its programs on this machine.`,
  };
}
