import type { DumpOutline } from '../backup/format/dump-outline.ts';
import type { Profile } from '../config/profile.ts';
import type { Finding } from '../evidence/schema.ts';

type Known = Pick<Profile, 'name' | 'database' | 'ownership' | 'roles' | 'extensions' | 'restoreAs'>;

/** Errors of a restore that a few lines of the profile mend. */
const mended = new Set(['ROLE_MISSING', 'EXTENSION_NOT_PERMITTED', 'PERMISSION_DENIED']);

/**
 * Names, where a restore failed for want of a role, an extension or a right, all that this dump takes: a restore stops at the first
 * error, and the next one would only show in the next drill. Pure.
 * @param known what the profile says; `isAssumed` where there is none, and one has to be written
 */
export function withProfileLines(
  findings: Finding[],
  outline: DumpOutline | null,
  known: Known,
  { isAssumed }: { isAssumed: boolean },
): Finding[] {
  const found = findings.filter(({ rule, severity }) => severity === 'error' && mended.has(rule));
  if (outline === null || found.length === 0) return findings;
  const takesSuperuser = found.some(({ message }) => /superuser|access to library/i.test(message));
  const named = profileLines(outline, known, takesSuperuser);
  const isDenied = found.some(({ rule }) => rule === 'PERMISSION_DENIED');
  // What is denied though all is there takes a superuser: a table whose owner may not create any in its schema.
  const lines = named.length === 0 && isDenied ? profileLines(outline, known, true) : named;
  if (lines.length === 0) return findings;
  const next = isAssumed
    ? `Write a profile, rehearsal.config.mjs, with all that this dump takes:\n${wholeProfile(known, lines)}`
    : `All that this dump takes, for the profile:\n${lines.map((line) => `  ${line}`).join('\n')}`;
  return findings.map((each) => (found.includes(each) ? { ...each, remedy: `${each.remedy}\n${next}` } : each));
}

/** Lines for a profile: those that change something. */
function profileLines(outline: DumpOutline, known: Known, takesSuperuser: boolean): string[] {
  const asSuperuser = takesSuperuser || outline.ofSuperuser.length > 0;
  // A superuser restores owners, too.
  const keepsOwners = known.ownership === 'preserve' || asSuperuser || known.restoreAs === 'superuser';
  const roles = keepsOwners ? outline.roles.filter((role) => role !== known.database.owner) : [];
  const extensions = outline.extensions.filter((name) => name !== 'plpgsql');
  const why = outline.ofSuperuser.length === 0 ? '' : ` // for ${outline.ofSuperuser.join(', ')}`;
  return [
    ...added('roles', roles, known.roles),
    ...(asSuperuser ? [] : added('extensions', extensions, known.extensions)),
    ...(asSuperuser && known.restoreAs !== 'superuser' ? [`restoreAs: 'superuser',${why}`] : []),
  ];
}

function added(key: string, wanted: string[], there: string[]): string[] {
  const all = [...new Set([...there, ...wanted])];
  return all.length === there.length ? [] : [`${key}: [${all.map(quoted).join(', ')}],`];
}

/** What is assumed anew each time, and more lines, as a profile to be saved. Pure. */
export function wholeProfile({ name, database, ownership, roles, extensions }: Known, lines: string[]): string {
  const has = (key: string) => lines.some((line) => line.startsWith(`${key}:`));
  const kept = [
    ...(roles.length === 0 || has('roles') ? [] : [`roles: [${roles.map(quoted).join(', ')}],`]),
    ...(extensions.length === 0 || has('extensions') ? [] : [`extensions: [${extensions.map(quoted).join(', ')}],`]),
  ];
  return [
    'export default {',
    `  name: ${quoted(name)},`,
    `  database: { name: ${quoted(database.name)}, owner: ${quoted(database.owner)} },`,
    `  ownership: ${quoted(ownership)},`,
    ...[...kept, ...lines].map((line) => `  ${line}`),
    '};',
  ].join('\n');
}

/** A name may hold anything, and this is pasted into a program. */
function quoted(text: string): string {
  return `'${JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;
}
