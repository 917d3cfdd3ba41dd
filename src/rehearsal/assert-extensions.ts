import { withDisposable } from '../postgres/disposable.ts';
import { imagesWith, isContrib, packagesFor } from '../postgres/extension-packages.ts';
import { findMissingExtensions } from '../postgres/server-lacks.ts';
import { majorVersion } from '../postgres/version.ts';
import { OperationalError } from '../system/operational-error.ts';
import { count } from '../terminal/count.ts';
import type { Drill } from './drill.ts';
import { wholeProfile } from './profile-lines.ts';
import type { ServedDatabase } from './served-database.ts';

/**
 * Sees to it that the server has the extensions of a dump, before anything else is done: with the image and the packages that
 * bring all of those that are missing. What the profile tolerates is left to the restore.
 * @throws OperationalError EXTENSION_MISSING
 */
export async function assertExtensions({ drill, server }: ServedDatabase, extensions: string[]): Promise<void> {
  if (extensions.length === 0) return;
  const missing = await withDisposable(server.admin, (client) => findMissingExtensions(client, extensions));
  assertNothingLacks(drill, { server, missing, extensions });
}

/**
 * Sees to it that an image which nobody has named is not fetched and started in vain: those of PostgreSQL itself have no
 * extensions but its own.
 * @throws OperationalError EXTENSION_MISSING
 */
export function assertOfficialImageHas(drill: Drill, image: string, major: number, extensions: string[]): void {
  const missing = extensions.filter((name) => !isContrib(name) && !isLanguage(name));
  const server = { engine: 'docker' as const, image, serverVersion: String(major) };
  assertNothingLacks(drill, { server, missing, extensions });
}

/** Alpine's images have the languages that PostgreSQL brings; Debian's have not. */
const isLanguage = (name: string) => /^pl(?:perlu?|python3u|tclu?)$|_pl(?:perlu?|python3u)$/.test(name);

function assertNothingLacks(
  drill: Drill,
  { server, missing, extensions }: Pick<Missing, 'server' | 'extensions'> & { missing: string[] },
): void {
  const { tolerate } = drill.profile;
  const lacking = missing.filter((name) => !tolerate.some(({ message }) => notAvailable(name).includes(message)));
  if (lacking.length === 0) return;
  throw new OperationalError('EXTENSION_MISSING', describeMissing(drill, { server, lacking, extensions }));
}

/** As PostgreSQL says it. */
const notAvailable = (name: string) => `extension "${name}" is not available`;

interface Missing {
  server: Pick<ServedDatabase['server'], 'engine' | 'image' | 'serverVersion'>;
  lacking: string[];
  /** All that the dump needs. */
  extensions: string[];
}

/** What is missing, and each way to get it, in commands that can be pasted. Pure. */
export function describeMissing(
  drill: Pick<Drill, 'suggestImage' | 'isAssumed' | 'profile'>,
  { server: { engine, image, serverVersion }, lacking, extensions }: Missing,
): string {
  const major = majorVersion(serverVersion);
  const packages = packagesFor(lacking, major).join(' ');
  const ofNoImage =
    engine === 'target' ? `the target (PostgreSQL ${serverVersion})` : `PostgreSQL ${serverVersion} of this machine`;
  const where = image === null ? ofNoImage : `the image ${image}`;
  const [ready] = imagesWith(extensions, major);
  const own = `rehearsal-postgres:${major}`;
  const base = image === null || image.includes('alpine') ? `postgres:${major}` : image;
  const dockerfile = `FROM ${base}\\nUSER root\\nRUN apt-get update && apt-get install --yes ${packages}\\n`;
  const isPacked = packages !== '';
  const ways = [
    ...(engine === 'local' && isPacked ? [['On this machine (Debian, Ubuntu)', `apt-get install ${packages}`]] : []),
    ...(ready === undefined
      ? []
      : [[`With an image that has ${all(lacking)}`, `docker pull ${ready} && ${drill.suggestImage(ready)}`]]),
    ...(isPacked
      ? [
          [
            'With an image of your own',
            `printf '${dockerfile}' | docker build --tag ${own} - && ${drill.suggestImage(own)}`,
          ],
        ]
      : []),
    ...(isPacked || ready !== undefined
      ? [lineFor(drill, ready ?? own)]
      : [
          [
            'No package and no image is known that has all of them. With the image that production runs',
            drill.suggestImage('IMAGE'),
          ],
        ]),
  ];
  return [
    `The dump of ${drill.profile.database.name} needs ${count(lacking.length, 'extension')} that ${where} has not got: ${lacking.join(', ')}. Nothing was restored, and the backup is not to blame.`,
    ...ways.map(([how = '', what = '']) => `  ${how}:\n${what.replace(/^/gm, '    ')}`),
  ].join('\n');
}

/** Where nobody has written a profile, a line alone would be of no use. */
function lineFor({ profile, isAssumed }: Pick<Drill, 'isAssumed' | 'profile'>, image: string): string[] {
  const line = `postgres: { image: '${image}' },`;
  if (!isAssumed) return ['And in the profile, for the next time', line];
  return ['And for every night with Docker, a profile, rehearsal.config.mjs', wholeProfile(profile, [line])];
}

function all({ length }: string[]): string {
  return length === 1 ? 'it' : 'all of them';
}
