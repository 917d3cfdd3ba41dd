import { join } from 'node:path';
import { findPgbouncer, startPooler, type Pooler } from '../../pooler.ts';
import type { ServedDatabase } from '../../served-database.ts';
import type { StepBody } from '../../step.ts';
import type { OtherRole } from './let-others-work.ts';

interface Needs {
  served: ServedDatabase;
  other: OtherRole;
}

/** Starts a pgbouncer before the server, where this machine has one. */
export const startPgbouncer: StepBody<Needs, Pooler | null> = async ({ run, profile }, { served, other }) => {
  const { path } = run.environment;
  const version = await findPgbouncer(path);
  if (version === null) {
    const why = 'there is no pgbouncer on this machine (apt-get install pgbouncer)';
    return {
      made: null,
      summary: why,
      coverage: { checked: [], notChecked: [{ what: 'clients that go through a pooler', why }] },
    };
  }
  const { user, password } = served.asOwner;
  const way = {
    address: await served.server.openPort(),
    database: profile.database.name,
    logins: [{ user, password }, other.login],
  };
  const pooler = await startPooler(way, { directory: join(run.directory, 'pgbouncer'), path, version });
  run.secrets.push(pooler.console.password);
  await run.use('pgbouncer', pooler);
  const modes = pooler.pools.map(({ mode }) => mode).join(', ');
  return {
    made: pooler,
    summary: `pgbouncer ${version}: ${modes}`,
    facts: { pgbouncer: version, modes },
    coverage: { checked: ['clients that go through pgbouncer, in transaction and session mode'], notChecked: [] },
  };
};
