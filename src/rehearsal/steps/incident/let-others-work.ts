import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { withDisposable } from '../../../postgres/disposable.ts';
import { randomPassword } from '../../../postgres/random-login.ts';
import type { Login } from '../../../postgres/reader.ts';
import { scramVerifier } from '../../../postgres/scram.ts';
import { readFacts, type DatabaseFacts } from '../../../recovery/database-facts.ts';
import { assertOwnServer } from '../../on-target.ts';
import type { ServedDatabase } from '../../served-database.ts';
import type { StepBody } from '../../step.ts';

/** Another role than the owner that works with the database, and what belongs to the database and is in no dump of it. */
export interface OtherRole {
  login: Login;
  facts: DatabaseFacts;
}

/**
 * Lets a role that owns nothing read every table, and gives the database properties where it has none: what an incident must
 * not take from either.
 */
export const letOthersWork: StepBody<{ served: ServedDatabase }, OtherRole> = async ({ run, profile }, { served }) => {
  assertOwnServer(served, 'A rehearsal of an incident');
  const login = { user: `other_role_${randomBytes(4).toString('hex')}`, password: randomPassword() };
  run.secrets.push(login.password);
  const { name } = profile.database;
  const made = await withDisposable(served.asAdmin, async (client) => {
    const role = pg.escapeIdentifier(login.user);
    await client.query(`create role ${role} login password ${pg.escapeLiteral(scramVerifier(login.password))}`);
    await client.query(`grant connect on database ${pg.escapeIdentifier(name)} to ${role}`);
    const { rows } = await client.query<{ schema: string }>(schemasQuery);
    for (const { schema } of rows) {
      const quoted = pg.escapeIdentifier(schema);
      await client.query(`grant usage on schema ${quoted} to ${role}`);
      await client.query(`grant select on all tables in schema ${quoted} to ${role}`);
    }
    await giveProperties(client, name, role);
    const facts = await readFacts(client, name);
    if (facts === null) throw new Error(`The database ${name} is not there.`);
    return { login, facts };
  });
  const { connectionLimit, comment, settings } = made.facts;
  return {
    made,
    summary: `${login.user} may read every table`,
    facts: { role: login.user, connectionLimit, hasComment: comment !== null, settings: settings.length },
  };
};

async function giveProperties(client: pg.Client, name: string, role: string): Promise<void> {
  const database = pg.escapeIdentifier(name);
  const facts = await readFacts(client, name);
  if (facts?.connectionLimit === -1) await client.query(`alter database ${database} connection limit 97`);
  if (facts?.comment === null) await client.query(`comment on database ${database} is 'rehearsed'`);
  await client.query(`alter role ${role} in database ${database} set application_name to 'another role'`);
}

const schemasQuery = `
  select nspname::text as schema
  from pg_catalog.pg_namespace
  where nspname !~ '^pg_'
  and nspname <> 'information_schema'`;
