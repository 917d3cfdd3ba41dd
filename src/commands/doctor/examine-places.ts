import prettyMilliseconds from 'pretty-ms';
import { chooseBackup, type PassedOver } from '../../backup/choose-backup.ts';
import { listBackups } from '../../backup/inventory.ts';
import { findNewestHere } from '../../backup/origin/newest-here.ts';
import { openOffsite } from '../../backup/open-offsite.ts';
import type { LoadedProfile } from '../../config/load-profile.ts';
import type { Diagnosis } from '../../doctor/diagnosis.ts';
import { connectToSource } from '../../postgres/source.ts';
import { disconnect } from '../../postgres/connection.ts';
import { openSource } from '../../source/open-source.ts';
import type { Environment } from '../../system/environment.ts';
import { OperationalError } from '../../system/operational-error.ts';
import { usePrivateDirectory } from '../../system/private-directory.ts';
import { count } from '../../terminal/count.ts';
import { nearby } from '../../terminal/nearby.ts';
import { suggest } from '../../terminal/suggest.ts';
import { examineApplication } from './examine-application.ts';

/** How long one place may take to answer. */
const patienceMs = 20_000;

/**
 * What the profile names, all of it looked at at once: the database, its backups, their copies, the application. Only reads. What
 * it does not name is left out.
 */
export async function examinePlaces(loaded: LoadedProfile, environment: Environment): Promise<Diagnosis[]> {
  const { backups, database, app } = loaded.profile;
  const hasSource = database.url !== undefined || backups?.composeService !== undefined;
  const found = await Promise.all([
    hasSource ? settle('database', () => examineDatabase(loaded, environment)) : null,
    backups === undefined ? null : settle('backups', () => examineBackups(loaded, backups)),
    backups?.offsite === undefined ? null : settle('off-host', () => examineOffsite(loaded, environment)),
    app === undefined ? null : settle('app', () => examineApplication(app, loaded.directory, environment)),
  ]);
  return found.filter((diagnosis) => diagnosis !== null);
}

/** What cannot be reached is a finding of the doctor. */
async function settle(name: string, examine: () => Promise<Omit<Diagnosis, 'name'>>): Promise<Diagnosis> {
  try {
    return { name, ...(await examine()) };
  } catch (error) {
    if (!(error instanceof OperationalError)) throw error;
    return { name, state: 'broken', text: error.message };
  }
}

async function examineDatabase({ profile }: LoadedProfile, environment: Environment): Promise<Omit<Diagnosis, 'name'>> {
  await using own = await usePrivateDirectory(environment);
  const signal = AbortSignal.timeout(patienceMs);
  const unnamed = { url: null, composeService: null, composeProject: null };
  await using source = await openSource(unnamed, profile, environment, { directory: own.directory, signal });
  const text = `${source.description}, PostgreSQL ${source.serverVersion}`;
  const client = await connectToSource(source.connection, { timeoutMs: patienceMs, lockTimeoutMs: patienceMs });
  try {
    const { rows } = await client.query<{ name: string }>(unreadableQuery);
    if (rows.length === 0) return { state: 'works', text: `${text}; every table can be read` };
    const some = rows.slice(0, 3).map(({ name }) => name);
    const more = rows.length > some.length ? ` and ${rows.length - some.length} more` : '';
    const remedy = `grant pg_read_all_data to the role, or log in as the owner`;
    const unreadable = `${count(rows.length, 'table')} cannot be read: ${some.join(', ')}${more}`;
    return { state: 'broken', text: `${text}; ${unreadable}`, remedy };
  } finally {
    await disconnect(client);
  }
}

const unreadableQuery = `
  select pg_catalog.format('%I.%I', namespace.nspname, class.relname) as name
  from pg_catalog.pg_class as class
  join pg_catalog.pg_namespace as namespace on namespace.oid = class.relnamespace
  where class.relkind in ('r', 'p', 'm')
  and namespace.nspname <> 'information_schema'
  and namespace.nspname not like 'pg\\_%'
  and not (
    pg_catalog.has_schema_privilege(namespace.oid, 'usage')
    and pg_catalog.has_table_privilege(class.oid, 'select')
  )
  order by 1`;

async function examineBackups(
  { profile, file }: LoadedProfile,
  backups: NonNullable<LoadedProfile['profile']['backups']>,
): Promise<Omit<Diagnosis, 'name'>> {
  const { directory, pattern } = backups;
  const remedy =
    pattern === undefined
      ? suggest('backup', { config: file })
      : 'see whether the tool that takes them ran, and writes there';
  const where = nearby(directory);
  const { takenAt, passedOver } = await findNewest(profile, backups);
  const other = passedOver
    .filter(({ isOther }) => isOther !== true)
    .map(({ stem, reason }) => `; ${stem} is passed over: ${reason}`)
    .join('');
  if (takenAt === null)
    return { state: 'broken', text: `no whole backup of ${profile.database.name} in ${where}${other}`, remedy };
  const age = Date.now() - takenAt.getTime();
  const text = `the newest in ${where} is ${prettyMilliseconds(Math.max(age, 0), { unitCount: 2 })} old`;
  if (age <= profile.objectives.rpo) return { state: 'works', text: `${text}${other}` };
  const allowed = prettyMilliseconds(profile.objectives.rpo);
  return { state: 'broken', text: `${text}, and objectives.rpo allows ${allowed}${other}`, remedy };
}

/** As a drill finds it: by our own names, or among the files of another tool. */
async function findNewest(
  { database }: LoadedProfile['profile'],
  { directory, pattern }: NonNullable<LoadedProfile['profile']['backups']>,
): Promise<{ takenAt: Date | null; passedOver: PassedOver[] }> {
  const now = new Date();
  if (pattern !== undefined) {
    const { moment, passedOver } = await findNewestHere({ directory, pattern, database: database.name, now });
    return { takenAt: moment?.takenAt ?? null, passedOver };
  }
  const { chosen, passedOver } = chooseBackup(await listBackups(directory, database.name), now);
  return { takenAt: chosen?.takenAt ?? null, passedOver };
}

async function examineOffsite(
  { profile, file }: LoadedProfile,
  environment: Environment,
): Promise<Omit<Diagnosis, 'name'>> {
  const limits = { timeoutMs: patienceMs };
  const rclone = openOffsite(profile.backups, { environment, limits, silenceMs: patienceMs });
  const dumps = [...(await rclone.list(profile.database.name)).keys()].filter((name) =>
    name.endsWith('.manifest.json'),
  );
  const text = `${rclone.destination} answers, with ${count(dumps.length, 'backup')}`;
  return dumps.length > 0
    ? { state: 'works', text }
    : { state: 'may-work', text, remedy: suggest('offsite', { config: file }) };
}
