import type { Finding } from '../evidence/schema.ts';
import type { Connection } from '../postgres/connection.ts';
import { createOperator } from '../postgres/operator.ts';
import type { Drill } from './drill.ts';

/** Who a restore is done by. What was created for it is gone afterwards. */
export interface Restorer extends AsyncDisposable {
  readonly connection: Connection;
  readonly findings: Finding[];
}

/**
 * Chooses who restores into a database. An archive is code that runs with the rights of this role: the owner, or one
 * that may give objects to others; the superuser only where the profile says so.
 */
export async function chooseRestorer(drill: Drill, database: Connection): Promise<Restorer> {
  const { admin } = drill.need('server');
  const { ownership, restoreAs } = drill.profile;
  const nothing = () => Promise.resolve();
  if (restoreAs === 'superuser') {
    const connection = { ...admin, database: database.database };
    return { connection, findings: [asSuperuser(database.database)], [Symbol.asyncDispose]: nothing };
  }
  if (ownership === 'runbook') return { connection: database, findings: [], [Symbol.asyncDispose]: nothing };
  const operator = await createOperator(admin, database, drill.operator);
  return {
    connection: operator.connection,
    findings: [],
    async [Symbol.asyncDispose]() {
      try {
        await operator[Symbol.asyncDispose]();
      } catch {
        // One that could not be dropped shows in the comparison; what went wrong before it is what has to be seen.
      }
    },
  };
}

function asSuperuser(database: string): Finding {
  return {
    rule: 'RESTORED_AS_SUPERUSER',
    severity: 'warning',
    object: database,
    message:
      'The profile says restoreAs: "superuser": code of the archive ran with all rights of the disposable server.',
    remedy:
      'Leave restoreAs out if the dump holds nothing that takes a superuser, and trust whoever wrote the archive.',
  };
}
