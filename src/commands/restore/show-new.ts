import pg from 'pg';
import type { LoadedProfile } from '../../config/load-profile.ts';
import type { MadeRoles } from '../../recovery/make-roles.ts';
import type { RecoveryServer } from '../../recovery/recovery-server.ts';
import type { RecoveryRequest } from '../../recovery/request.ts';
import { restoreNew } from '../../recovery/restore-new.ts';
import { describeAddress } from '../../source/database-url.ts';
import { printable } from '../../terminal/printable.ts';
import { suggest, typed } from '../../terminal/suggest.ts';
import type { CommandOutcome } from '../command.ts';
import { warnApart } from '../say.ts';
import type { Places } from './open-server.ts';
import { showSuccess } from './show-exchange.ts';
import { showDifferent, showNotCompared, showRefused, showRestored } from './show-restored.ts';
import { restoreWithProgress } from './with-restore-progress.ts';

/** What is said of the server to those who go on with it. */
interface Around {
  profile: LoadedProfile['profile'];
  config: string;
  places: Places;
}

/** Restores to a server that has lost everything, or never had it, and says what is left to do there. */
export async function restoreNewAndShow(
  server: RecoveryServer,
  request: RecoveryRequest,
  around: Around,
): Promise<CommandOutcome> {
  const { live } = server;
  const result = await restoreWithProgress(request, (told) => restoreNew(server, told));
  if (result.done) {
    showSuccess(`${live} is what was restored of this backup already; nothing was done`);
    showNext(server, around, []);
    return 'done';
  }
  const { restored, roles } = result;
  if (restored.verdict === 'refused') return showRefused(restored.findings, request);
  showRestored(restored, server, { isNew: true });
  if (roles !== null) showRoles(roles);
  if (restored.verdict === 'different') return showDifferent(restored);
  if (restored.verdict === 'not-compared') return showNotCompared(restored, request);
  showSuccess(`${live} is there, under its own name`);
  showNext(server, around, roles?.withoutPassword ?? []);
  return 'done';
}

function showRoles({ made, kept, withPassword, withoutPassword, leftOut }: MadeRoles): void {
  const lists: [string, string[]][] = [
    ['roles that were made', made],
    ['roles that were there, and are as they were', kept],
    ['with the password that the backup has', withPassword],
    ['without a password, as the backup has none', withoutPassword],
  ];
  for (const [what, roles] of lists) if (roles.length > 0) console.log(`    ${what}: ${printable(roles.join(', '))}`);
  for (const problem of leftOut) warnApart(`The server did not take ${problem}.`);
}

function showNext({ live, way }: RecoveryServer, { profile, config, places }: Around, silent: string[]): void {
  const { owner } = profile.database;
  console.log('\n  what is next');
  const lines: [string, string][] = [
    ...silent.map((role): [string, string] => [
      'set a password',
      `${way.psql ?? 'psql'}: \\password ${/^[a-z_][a-z0-9_]*$/.test(role) ? role : pg.escapeIdentifier(role)}`,
    ]),
    ['connect the application', `as ${owner}: ${describeDatabase(places, owner, live)}`],
    ...probes(profile),
    ['take backups of it', backUp(places, config, { owner, live })],
    ['rehearse the next one', suggest('rehearse', { config }, ['latest-backup'])],
  ];
  const width = Math.max(...lines.map(([what]) => what.length));
  for (const [what, how] of lines) console.log(`    ${what.padEnd(width)}   ${printable(how)}`);
}

function describeDatabase({ url, composeService }: Places, user: string, database: string): string {
  if (url === null) return describeAddress({ host: composeService ?? '', port: 5432, user, database, password: '' });
  return databaseOf(url, user, database);
}

/** The same server, without a password. */
function databaseOf(url: string, user: string, database: string): string {
  const [userPart, databasePart] = [user, database].map(encodeURIComponent) as [string, string];
  return url.replace(/\/\/[^@]*@([^/]*)\/[^?]*/, `//${userPart}@$1/${databasePart}`);
}

/** That it answers says little: what reads the database has to. */
function probes({ app }: Around['profile']): [string, string][] {
  if (app === undefined)
    return [['see that it works', 'start the application, and ask it for something that it reads from the database']];
  const asked = [`GET ${app.health.path}`, ...app.probes.map(({ method, path }) => `${method} ${path}`)];
  return [['ask the application', asked.join(', then ')]];
}

function backUp(places: Places, config: string, { owner, live }: { owner: string; live: string }): string {
  const { url, composeService, composeProject } = places;
  const where = url === null ? { composeService, composeProject } : { url: databaseOf(url, owner, live) };
  return `${suggest('backup', { ...where, config })}, every day, and ${typed('offsite')} after it`;
}
