import { quote } from 'zx/core';
import type { Contribution } from '../../evidence/contribution.ts';
import { newestMajor } from '../../backup/format/dump-description.ts';
import type { Profile } from '../../config/profile.ts';
import { detectEngine, imageOfMajor } from '../../engine/detect.ts';
import type { DisposableServer, Engine, StartOptions } from '../../engine/engine.ts';
import type { Finding } from '../../evidence/schema.ts';
import { imageMajor } from '../../postgres/image-major.ts';
import { majorVersion } from '../../postgres/version.ts';
import { OperationalError } from '../../system/operational-error.ts';
import { createRoles } from '../../postgres/globals.ts';
import { createRole, createRoleAndDatabase, dropDatabase } from '../../postgres/database.ts';
import { countObjects } from '../../restore/count-objects.ts';
import type { DisposableConnection } from '../../postgres/disposable.ts';
import { createReader } from '../../postgres/reader.ts';
import { stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { inOneSession, withClient } from '../../postgres/connection.ts';
import { readPaceSettings } from '../../postgres/pace-settings.ts';
import { describePace, paceOfBackup, paceOfSeed, paceOfTarget, type Pace } from '../pace.ts';
import { notDoneOnTarget } from '../on-target.ts';
import { assertExtensions } from '../assert-extensions.ts';
import { chooseImage, nextImage } from '../choose-image.ts';
import type { Drill } from '../drill.ts';
import { assertRoomFor } from '../room.ts';
import { chooseUpgradeTarget } from '../upgrade/choose-target.ts';
import { removedBetween } from '../upgrade/removed.ts';
import { assertServerInReach } from '../server-in-reach.ts';
import { ServedDatabase } from '../served-database.ts';
import type { Say, StepBody, StepResult } from '../step.ts';
import type { ChosenBackup } from './select-backup.ts';

/** Starts a disposable PostgreSQL with an empty database that belongs to a role without superuser rights. */
export const startSeedServer: StepBody<unknown, ServedDatabase> = (drill, _needs, say) => startEmpty(drill, say, false);

/** The same, with a small disk, which can be filled up on purpose. */
export const startServerWithSmallDisk: StepBody<unknown, ServedDatabase> = (drill, _needs, say) =>
  startEmpty(drill, say, true);

async function startEmpty(drill: Drill, say: Say, smallDisk: boolean): Promise<StepResult<ServedDatabase>> {
  const engine = await detect(drill, say, drill.profile.postgres);
  const objects = await guessObjects(drill.profile.seed);
  const needs = { smallDisk, objects };
  const { served, contribution } = await start(drill, say, engine, needs, paceOfSeed(drill), createRoleAndDatabase);
  return { ...contribution, made: served };
}

/** Short SQL files do not make many objects; of longer ones nobody knows it before they were run. */
async function guessObjects(seed: readonly string[]): Promise<number> {
  const sizes = await Promise.all(seed.map(async (file) => (await stat(file).catch(() => null))?.size ?? 0));
  return sizes.reduce((sum, size) => sum + size, 0) > 64 * 1024 ? 25_000 : 0;
}

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
  const { started, major } = await startFor(drill, backup, say, { image: ofMajor, major: needed || undefined });
  if (major < needed) throw tooOld(drill, started.made.server, needed);
  await assertExtensions(started.made, started.extensions);
  drill.stopwatch.mark('served');
  const findings = needed === 0 || major === needed ? [] : [anotherMajor(major, needed)];
  return { ...started.contribution, findings, made: started.made };
};

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
  const { started, major: to } = await startFor(drill, backup, say, target);
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

/** @param target image, and the major that is preferred of this machine's programs: null for the newest */
async function startFor(
  drill: Drill,
  backup: ChosenBackup,
  say: Say,
  target: { image: string; major: number | null | undefined },
) {
  const { postgres } = drill.profile;
  const { extensions, databaseOptions } = await readOutline(backup);
  const major = target.major ?? imageMajor(target.image) ?? 0;
  const image = await chooseImage(drill, target.image, major, extensions);
  const recorded = backup.examination.manifest?.paceSettings ?? null;
  const pace = paceOfBackup(drill, recorded, basename(backup.set.dump));
  const engine = await detectOrNewer(drill, say, { ...postgres, image }, target.major);
  const room = await assertRoomFor(drill, engine, backup, say);
  const needs = { objects: await countObjects(backup) };
  const { served, contribution } = await start(drill, say, engine, needs, pace, createRole);
  const facts = {
    ...contribution.facts,
    ...room,
    extensions: extensions.join(', ') || 'none',
    locale: describeLocale(databaseOptions),
  };
  return {
    started: { contribution: { ...contribution, facts }, extensions, made: served },
    major: majorVersion(served.server.serverVersion),
  };
}

/** What is damaged says so when it is examined. */
async function readOutline({ examination, format, dump }: ChosenBackup) {
  const outline = examination.findings.length > 0 ? null : await format.outline(dump);
  return outline ?? { extensions: [], databaseOptions: {} };
}

/** For people: `UTF8, de_DE.UTF-8`. */
function describeLocale(options: Record<string, string>): string {
  const { encoding, locale, lc_collate: collate, icu_locale: icu, builtin_locale: builtin } = options;
  const named = [encoding, icu ?? builtin ?? collate ?? locale].filter((name) => name !== undefined);
  return named.join(', ') || 'the dump does not say';
}

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

function anotherMajor(major: number, needed: number): Finding {
  return {
    rule: 'SERVER_OF_ANOTHER_MAJOR',
    severity: 'warning',
    object: `PostgreSQL ${major}`,
    message: `The backup was taken from PostgreSQL ${needed} and is restored into ${major}. Rows are compared exactly; definitions print differently there, so changed ones are only warnings.`,
    remedy: `Rehearse with PostgreSQL ${needed}: an image of that version, or its programs on this machine.`,
  };
}

/** Where the image of a backup's own major cannot be had, the next one that is here has to do: it can restore it, too. */
async function detectOrNewer(drill: Drill, say: Say, postgres: Profile['postgres'], major?: number | null) {
  try {
    return await detect(drill, say, postgres, major);
  } catch (error) {
    const isElsewhere = error instanceof OperationalError && error.code === 'NO_ENGINE';
    if (!isElsewhere || !major || drill.choices.image !== null || postgres.engine !== 'docker') throw error;
    const { listLocalImages } = await import('../../engine/local-images.ts');
    const image = nextImage(postgres.image, (await listLocalImages(drill.run.signal)) ?? [], major);
    if (image === null) throw error;
    say(`the image ${postgres.image} cannot be had: ${image} takes its place`, 'lasting');
    return detect(drill, say, { ...postgres, image }, major);
  }
}

async function detect(drill: Drill, say: Say, postgres: Profile['postgres'], major?: number | null): Promise<Engine> {
  if (postgres.target !== undefined) {
    const { openTarget } = await import('../../target/open-target.ts');
    const { choices, profile, run } = drill;
    const sources = [choices.source, profile.database.url ?? null].filter((url) => url !== null);
    return openTarget(postgres.target, { environment: run.environment, sources, secrets: run.secrets, say });
  }
  if (postgres.engine !== 'local') say(`looking for Docker and the image ${postgres.image}`);
  return detectEngine(postgres, drill.run.environment, drill.run.signal, major);
}

async function start(
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
  const paceSettings = await inOneSession(server.admin, async () => {
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
