import type { DisposableServer } from '../../../engine/engine.ts';
import { majorVersion } from '../../../postgres/version.ts';
import { OperationalError } from '../../../system/operational-error.ts';
import { basename } from 'node:path';
import { assertExtensions } from '../../assert-extensions.ts';
import type { Drill } from '../../drill.ts';
import { chooseUpgradeTarget } from '../../upgrade/choose-target.ts';
import { removedBetween } from '../../upgrade/removed.ts';
import { ServedDatabase } from '../../served-database.ts';
import type { StepBody } from '../../step.ts';
import type { ChosenBackup } from '../select-backup.ts';
import { startForDump } from './start-for-dump.ts';

/** Starts a disposable PostgreSQL of a newer major version than the chosen backup was taken from: see choose-target.ts. */
export const startServerForUpgrade: StepBody<{ backup: ChosenBackup }, ServedDatabase> = async (
  drill,
  { backup },
  say,
) => {
  drill.rehearsal = 'upgrade';
  const { serverVersion, dumpVersion } = backup.description;
  const from = majorVersion(serverVersion ?? dumpVersion ?? '0');
  if (from === 0) throw versionNotKnown(backup);
  const target = await chooseUpgradeTarget(drill, from);
  const { started, major: to } = await startForDump(drill, backup, say, target);
  const { server, engine } = started.made;
  if (to <= from || (target.major !== null && to !== target.major)) throw notNewer(drill, server, from, target.major);
  const served = new ServedDatabase(drill, server, engine, { from, to });
  const removed = removedBetween({ from, to }, 'extension').map(({ name }) => name);
  await assertExtensions(
    served,
    started.extensions.filter((name) => !removed.includes(name)),
  );
  drill.stopwatch.mark('served');
  return {
    ...started.contribution,
    facts: { ...started.contribution.facts, upgradeFrom: from, upgradeTo: to },
    summary: `from PostgreSQL ${from} to ${server.serverVersion}; ${started.contribution.summary ?? ''}`,
    made: served,
  };
};

function versionNotKnown({ set }: ChosenBackup): OperationalError {
  const message = `${basename(set.dump)} does not say which PostgreSQL it was taken from, so that nobody can tell what would be an upgrade. Take a dump with pg_dump, or a backup with restore-rehearsal: both say it.`;
  return new OperationalError('NO_NEWER_MAJOR', message);
}

function notNewer(drill: Drill, server: DisposableServer, from: number, wanted: number | null): OperationalError {
  const { engine, serverVersion } = server;
  const next = wanted ?? from + 1;
  const mend =
    engine === 'target'
      ? `name a target of PostgreSQL ${next}, or leave --target out`
      : engine === 'docker'
        ? `name an image of it with --image, or as upgrade.image in the profile`
        : `install PostgreSQL ${next} (apt-get install postgresql-${next}), name its programs with REHEARSAL_PG_BINDIR, or use Docker`;
  const message = `The backup is of PostgreSQL ${from}, and to upgrade it takes ${wanted === null ? 'a newer one' : wanted}; what is to be had here is ${serverVersion} (${engine}). To rehearse it: ${mend}.`;
  return new OperationalError('NO_NEWER_MAJOR', message);
}
