import { quote } from 'zx/core';
import type { Contribution } from '../../../evidence/contribution.ts';
import type { Engine, StartOptions } from '../../../engine/engine.ts';
import { majorVersion } from '../../../postgres/version.ts';
import { createRoles } from '../../../postgres/globals.ts';
import { dropDatabase } from '../../../postgres/database.ts';
import { inOneDisposableSession, type DisposableConnection } from '../../../postgres/disposable.ts';
import { createReader } from '../../../postgres/reader.ts';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { withClient } from '../../../postgres/connection.ts';
import { readPaceSettings } from '../../../postgres/pace-settings.ts';
import { describePace, paceOfTarget, type Pace } from '../../pace.ts';
import { notDoneOnTarget } from '../../on-target.ts';
import type { Drill } from '../../drill.ts';
import { assertServerInReach } from '../../server-in-reach.ts';
import { ServedDatabase } from '../../served-database.ts';
import type { Say } from '../../step.ts';

/** Starts a server, and makes on it who reads and who owns the database. */
export async function startServed(
  drill: Drill,
  say: Say,
  engine: Engine,
  needs: Pick<StartOptions, 'smallDisk' | 'objects'>,
  asked: Pace,
  createOwner: (admin: DisposableConnection, owner: DisposableConnection) => Promise<void>,
) {
  const { profile, run, logins } = drill;
  const isTarget = engine.name === 'target';
  const pace = isTarget ? paceOfTarget(drill, asked) : asked;
  await sweep(engine, say);
  say(`${engine.name}: ${engine.reason}`);
  // Some keep their data in the database that every server starts with: it has to be out of the way. One of somebody else stays.
  const isRehearsed = profile.database.name === 'postgres' && !isTarget;
  const started = await engine.start({
    id: run.id,
    directory: run.directory,
    admin: logins.admin,
    forContainers: profile.app?.image !== undefined,
    ...needs,
    ...(pace.settings && { settings: pace.settings }),
    ...(isRehearsed && { adminDatabase: 'template1' }),
    keep: run.keep,
    signal: run.signal,
  });
  const server = await run.use(`PostgreSQL server (${started.endCommand})`, started);
  if (isRehearsed) await dropDatabase(server.admin, profile.database.name);
  await assertServerInReach(server, profile.app);
  const served = new ServedDatabase(drill, server, engine);
  const paceSettings = await inOneDisposableSession(server.admin, async () => {
    await createReader(server.admin, logins.reader);
    await createRoles(server.admin, profile.roles);
    await createOwner(server.admin, served.asOwner);
    return withClient(server.admin, readPaceSettings);
  });
  for (const each of pace.lowered) say(`lowered ${each}`, 'lasting');
  const { environment, coverage } = describePace(pace, paceSettings, majorVersion(server.serverVersion));
  const { serverVersion, image, imageDigest, tools, settings, isolation } = server;
  const contribution: Contribution = {
    ...(run.keep && { kept: await describeKept(served) }),
    coverage: isTarget ? { ...coverage, notChecked: [...coverage.notChecked, ...notDoneOnTarget(server)] } : coverage,
    summary: `${engine.name}, PostgreSQL ${serverVersion}${summaryOf[pace.from]} (${engine.reason})`,
    facts: { engine: engine.name, reason: engine.reason, serverVersion, settings: pace.from },
    environment: {
      engine: engine.name,
      engineReason: engine.reason,
      image,
      imageDigest,
      serverVersion,
      tools,
      settings: { ...settings },
      ...environment,
      isolation: { server: isolation, application: null },
    },
  };
  return { served, contribution };
}

const summaryOf = {
  throwaway: '',
  target: '',
  stock: ' with settings nobody has tuned',
  production: ' with the settings of production',
};

/** What stands in the way of a sweep does not stand in the way of a rehearsal. */
async function sweep(engine: Engine, say: Say): Promise<void> {
  const { removed = [], failed = [] } = (await engine.removeLeftovers?.()) ?? {};
  if (removed.length > 0) say(`removed what a killed rehearsal left: ${removed.join(', ')}`, 'lasting');
  if (failed.length > 0) say(`could not remove what a killed rehearsal left: ${failed.join(', ')}`, 'lasting');
}

/** The password goes into a passfile: neither the terminal nor a process list shows it. */
async function describeKept({ drill, server, asOwner }: ServedDatabase): Promise<string> {
  const { host, port, user, password, database: name } = asOwner;
  const passfile = join(drill.run.directory, 'pgpass');
  const escape = (field: string) => field.replace(/[\\:]/g, '\\$&');
  const fields = [host, String(port), name, user, password].map(escape);
  await writeFile(passfile, `${fields.join(':')}\n`, { mode: 0o600 });
  const psql = `psql --host=${quote(host)} --port=${port} --username=${quote(user)} ${quote(name)}`;
  return `connect   PGPASSFILE=${quote(passfile)} ${psql}\n  end       ${server.endCommand}`;
}
