import { availableParallelism } from 'node:os';
import type { Contribution } from '../../evidence/contribution.ts';
import { lentBy } from '../../postgres/disposable.ts';
import { withClient, type Connection } from '../../postgres/connection.ts';
import { AmcheckReader, progressArguments, withoutProgress } from '../../postgres/amcheck-progress.ts';
import { lastLine } from '../../system/last-line.ts';
import { toolLimits } from '../limits.ts';
import type { RestoredDatabase } from '../restore-site.ts';
import { showProgress } from '../show-progress.ts';
import type { StepBody } from '../step.ts';
import { assertServerUp, toolLog } from '../../postgres/tool-errors.ts';

const checkId = 'structure';
const mostJobs = 4;

/** Lets pg_amcheck look for corruption in the tables and B-tree indexes of the restored database. */
export const checkStructure: StepBody<{ restored: RestoredDatabase }> = async (drill, { restored }, say) => {
  const { server, ofTools } = restored.served;
  if (lentBy(server.admin)?.isSuperuser === false)
    return notChecked('pg_amcheck takes a superuser, and the login of the target is none');
  if (!(await isAvailable(server.admin))) {
    return notChecked('the extension amcheck is not installed on the server');
  }
  using progress = showProgress(say, { source: 'all' });
  const reader = new AmcheckReader();
  const { exitCode, stdout, stderr } = await server.runTool({
    tool: 'pg_amcheck',
    args: [
      ...[
        '--install-missing',
        '--heapallindexed',
        '--parent-check',
        `--jobs=${Math.min(availableParallelism(), mostJobs)}`,
        ...progressArguments,
      ],
      connectionString(restored.asAdmin.database),
    ],
    ...restored.asAdmin,
    ...toolLimits(drill),
    observeStderr: (text) => {
      const { relation, doneBytes, totalBytes } = reader.see(text);
      if (relation !== null) progress.onWork(relation);
      if (totalBytes > 0) progress.onBytes(doneBytes, totalBytes);
    },
  });
  const log = toolLog({ stderr: `${stdout}${withoutProgress(stderr)}` }, drill.run);
  // 2 stands for corruption that was found; anything else that is not 0, for a check that could not be made.
  if (exitCode !== 0 && exitCode !== 2) {
    await assertServerUp(ofTools, 'pg_amcheck', log);
    throw new Error(`pg_amcheck ended with status ${exitCode}: ${log.trim() || lastLine(log)}`);
  }
  const sound = exitCode === 0;
  return {
    summary: sound ? 'pg_amcheck finds nothing' : 'pg_amcheck finds corruption',
    checks: [
      {
        id: checkId,
        status: sound ? 'passed' : 'failed',
        reason: null,
        expected: 'pg_amcheck finds no corruption',
        actual: sound ? 'none' : 'see pg_amcheck.log',
      },
    ],
    findings: sound
      ? []
      : [
          {
            rule: 'STRUCTURE_CORRUPT',
            severity: 'error',
            object: restored.name,
            message: `pg_amcheck finds corruption: ${log.trim().split('\n', 1)[0] || lastLine(log)}`,
            remedy:
              'A freshly restored index contradicts its table: look for operators that depend on where they run, then at the hardware.',
          },
        ],
    logs: { 'pg_amcheck.log': log },
  };
};

function notChecked(reason: string): Contribution {
  return {
    summary: reason,
    checks: [{ id: checkId, status: 'not-applicable', reason, expected: null, actual: null }],
  };
}

/** pg_amcheck takes a name with `=` in it for a connection string, also from PGDATABASE. One that holds the name it reads as it is. */
function connectionString(database: string): string {
  return `dbname='${database.replaceAll(/['\\]/g, String.raw`\$&`)}'`;
}

async function isAvailable(admin: Connection): Promise<boolean> {
  // In the restored database, operators and search_path are the archive's.
  return withClient(admin, async (client) => {
    const { rowCount } = await client.query("select from pg_catalog.pg_available_extensions where name = 'amcheck'");
    return rowCount === 1;
  });
}
