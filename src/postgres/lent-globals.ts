import { readGlobalsLine, type GlobalsLine } from './globals-lines.ts';

/** What of dumped globals a server takes that somebody else provides. */
export interface LentGlobals {
  /** Roles to be made. */
  roles: string[];
  /** What is then said of them. */
  text: string;
  /** Roles that were there before: nothing that the globals say of them is done. */
  leftOut: string[];
}

/**
 * Takes out of dumped globals what concerns roles that are there already, and what gives rights over the server: nobody lends one
 * for that. Pure.
 * @param there roles of the server
 * @param isSuperuser whether settings can be made that take one
 */
export function globalsForLent(
  globals: string,
  there: ReadonlySet<string>,
  { isSuperuser }: { isSuperuser: boolean },
): LentGlobals {
  const lines = globals.split('\n').flatMap((text) => readGlobalsLine(text) ?? []);
  const created = lines.filter(({ kind }) => kind === 'create').map(({ role }) => role);
  const roles = created.filter((role) => !there.has(role));
  const ours = new Set(roles);
  const text = lines.map((line) => rewrite(line, ours, isSuperuser)).join('\n');
  return { roles, text, leftOut: created.filter((role) => there.has(role)) };
}

function rewrite({ kind, role, granted, text }: GlobalsLine, ours: ReadonlySet<string>, isSuperuser: boolean): string {
  if (kind === 'nothing') return text;
  if (!ours.has(role) || kind === 'create' || kind === 'databaseSetting') return '';
  if (kind === 'setting') return isSuperuser ? text : '';
  if (kind === 'membership') return granted !== null && ours.has(granted) ? text.replace(grantor, '') : '';
  return kind === 'attributes' ? withoutRights(text) : text;
}

/** It is a role of the source's server, or one that was left out. */
const grantor = / GRANTED BY (?:\w+|"(?:[^"]|"")+")(?=;$)/;

/** Both kinds of words: some servers let nobody but a superuser name them at all. A role that was just made has none of these rights. */
function withoutRights(text: string): string {
  const [, start = '', words = '', rest = ''] =
    /^(ALTER ROLE (?:"(?:[^"]|"")+"|\S+) WITH )([A-Z ]+?)((?: CONNECTION LIMIT| PASSWORD| VALID UNTIL).*)?;$/.exec(
      text,
    ) ?? [];
  const kept = words.split(' ').filter((word) => harmless.has(word));
  return kept.length === 0 && rest === '' ? '' : `${start}${kept.join(' ')}${rest};`;
}

const harmless = new Set(['INHERIT', 'NOINHERIT', 'LOGIN', 'NOLOGIN']);
