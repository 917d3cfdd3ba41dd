import { quote } from 'zx';
import type { Contribution } from '../../evidence/contribution.ts';
import { newestMajor } from '../../backup/examine.ts';
import type { Profile } from '../../config/profile.ts';
import { detectEngine, imageOfMajor } from '../../engine/detect.ts';
import type { DisposableServer, Engine } from '../../engine/engine.ts';
import type { Finding } from '../../evidence/schema.ts';
import { majorVersion } from '../../postgres/version.ts';
import { OperationalError } from '../../system/operational-error.ts';
import { createRoles } from '../../postgres/globals.ts';
import { createRole, createRoleAndDatabase } from '../../postgres/database.ts';
import { createReader } from '../../postgres/reader.ts';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Drill } from '../drill.ts';
import type { Say, StepBody } from '../step.ts';

/** Starts a disposable PostgreSQL with an empty database that belongs to a role without superuser rights. */
export const startSeedServer: StepBody = async (drill, say) => {
  const contribution = await start(drill, say, await detect(drill, say, drill.profile.postgres));
  await createRoleAndDatabase(drill.need('server').admin, drill.database);
  return contribution;
};

/** The same, with a small disk, which can be filled up on purpose. */
export const startServerWithSmallDisk: StepBody = async (drill, say) => {
  const contribution = await start(drill, say, await detect(drill, say, drill.profile.postgres), true);
  await createRoleAndDatabase(drill.need('server').admin, drill.database);
  return contribution;
};

/**
 * Starts a disposable PostgreSQL of the major version that the chosen backup was taken from, without any database of the
 * profile's yet. The image that a flag names is taken as it is.
 */
export const startServerForBackup: StepBody = async (drill, say) => {
  const { description } = drill.need('backup');
  const needed = newestMajor(description);
  const { postgres } = drill.profile;
  const image = needed === 0 || drill.choices.image !== null ? postgres.image : imageOfMajor(postgres.image, needed);
  const engine = await detect(drill, say, { ...postgres, image }, needed);
  const contribution = await start(drill, say, engine);
  const server = drill.need('server');
  const major = majorVersion(server.serverVersion);
  if (major < needed) throw tooOld(drill, server, needed);
  await createRole(server.admin, drill.database);
  drill.mark('served');
  return { ...contribution, findings: needed === 0 || major === needed ? [] : [anotherMajor(major, needed)] };
};

/** The backup is not to blame: somewhere else it may well restore. */
function tooOld({ profile }: Drill, { engine, serverVersion }: DisposableServer, needed: number): OperationalError {
  const mend =
    engine === 'docker'
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

function detect(drill: Drill, say: Say, postgres: Profile['postgres'], major?: number): Promise<Engine> {
  if (postgres.engine !== 'local') say(`looking for Docker and the image ${postgres.image}`);
  return detectEngine(postgres, drill.environment, drill.signal, major || undefined);
}

async function start(drill: Drill, say: Say, engine: Engine, smallDisk = false): Promise<Contribution> {
  const { app } = drill.profile;
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
