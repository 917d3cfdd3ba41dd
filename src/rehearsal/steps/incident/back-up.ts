import { basename, join } from 'node:path';
import { takeBackup, type TakenBackup } from '../../../backup/take-backup.ts';
import type { SourceServer } from '../../../source/source-server.ts';
import { toolLimits } from '../../limits.ts';
import type { ServedDatabase } from '../../served-database.ts';
import type { StepBody } from '../../step.ts';

/** Takes a backup as `npm run backup` does. */
export const backUp: StepBody<{ served: ServedDatabase }, TakenBackup> = async ({ profile, run }, { served }) => {
  const taken = await takeBackup(asSource(served), {
    directory: join(run.directory, 'backups'),
    ownership: profile.ownership,
    viewsWithinMs: profile.materializedViews.withinMs,
    // The server's own pg_dump cannot write a directory of this machine where it is in a container.
    format: 'custom',
    compression: profile.backups?.compression,
    limits: toolLimits(served.drill),
  });
  const { bytes, sha256, takenAt, format, dumpVersion, snapshot } = taken.manifest;
  const tables = snapshot.tables.length;
  return {
    made: taken,
    summary: `${bytes} bytes, SHA-256 ${sha256.slice(0, 12)}…, with a manifest of ${tables} tables`,
    facts: { bytes, sha256, tables },
    subject: { file: basename(taken.set.dump), sha256, bytes, takenAt, format, dumpVersion },
  };
};

/** A disposable server, read like one that is not ours: as the owner, or as the superuser, who sees the roles. */
function asSource({ drill, server, asAdmin, asOwner }: ServedDatabase): SourceServer {
  return {
    runTool: server.runTool,
    connection: drill.profile.ownership === 'preserve' ? asAdmin : asOwner,
    serverVersion: server.serverVersion,
    dumpVersion: server.tools['pg_dump'] ?? 'unknown',
    description: 'the disposable server',
    writesHere: false,
    secrets: drill.run.secrets,
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
