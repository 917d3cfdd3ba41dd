import { quote } from 'zx';
import type { Contribution } from '../../evidence/contribution.ts';
import { detectEngine } from '../../engine/detect.ts';
import type { Engine } from '../../engine/engine.ts';
import { createRoles } from '../../postgres/globals.ts';
import { createRoleAndDatabase } from '../../postgres/database.ts';
import { createReader } from '../../postgres/reader.ts';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Drill } from '../drill.ts';
import type { Say, StepBody } from '../step.ts';

/** Starts a disposable PostgreSQL with an empty database that belongs to a role without superuser rights. */
export const startServer: StepBody = (drill, say) => start(drill, say, false);

/** The same, with a small disk, which can be filled up on purpose. */
export const startServerWithSmallDisk: StepBody = (drill, say) => start(drill, say, true);

async function start(drill: Drill, say: Say, smallDisk: boolean): Promise<Contribution> {
  const { postgres, app } = drill.profile;
  if (postgres.engine !== 'local') say(`looking for Docker and the image ${postgres.image}`);
  const engine = await detectEngine(postgres, drill.environment, drill.signal);
  await sweep(engine, say);
  say(`${engine.name}: ${engine.reason}`);
  drill.engine = engine;
  const server = await engine.start({
    id: drill.id,
    directory: drill.directory,
    admin: drill.admin,
    forContainers: app?.image !== undefined,
    smallDisk,
    keep: drill.keep,
    signal: drill.signal,
  });
  drill.server = await drill.use(`PostgreSQL server (${server.endCommand})`, server);
  await createReader(server.admin, drill.reader);
  await createRoles(server.admin, drill.profile.roles);
  await createRoleAndDatabase(server.admin, drill.database);
  return {
    ...(drill.keep && { kept: await describeKept(drill, server.endCommand) }),
    summary: `${engine.name}, PostgreSQL ${server.serverVersion} (${engine.reason})`,
    facts: { engine: engine.name, reason: engine.reason, serverVersion: server.serverVersion },
    environment: {
      engine: engine.name,
      engineReason: engine.reason,
      image: server.image,
      imageDigest: server.imageDigest,
      serverVersion: server.serverVersion,
      tools: server.tools,
      settings: { ...server.settings },
      isolation: { server: server.isolation, application: null },
    },
  };
}

/** What stands in the way of a sweep does not stand in the way of a rehearsal. */
async function sweep(engine: Engine, say: Say): Promise<void> {
  const { removed = [], failed = [] } = (await engine.removeLeftovers?.()) ?? {};
  if (removed.length > 0) say(`removed what a killed rehearsal left: ${removed.join(', ')}`, 'lasting');
  if (failed.length > 0) say(`could not remove what a killed rehearsal left: ${failed.join(', ')}`, 'lasting');
}

/** The password goes into a passfile: neither the terminal nor a process list shows it. */
async function describeKept({ directory, database }: Drill, endCommand: string): Promise<string> {
  const { host, port, user, password, database: name } = database;
  const passfile = join(directory, 'pgpass');
  const escape = (field: string) => field.replace(/[\\:]/g, '\\$&');
  const fields = [host, String(port), name, user, password].map(escape);
  await writeFile(passfile, `${fields.join(':')}\n`, { mode: 0o600 });
  const psql = `psql --host=${quote(host)} --port=${port} --username=${quote(user)} ${quote(name)}`;
  return `connect   PGPASSFILE=${quote(passfile)} ${psql}\n  end       ${endCommand}`;
}
