import { localeProperties } from '../postgres/database-locale.ts';
import type { Difference } from '../snapshot/difference.ts';

/**
 * How differences from a snapshot that was taken on another server weigh. Some are of the server that is restored to and not
 * of the backup: they are told, and do not speak against it. Pure.
 * Context: locales and the versions of collations are the operating system's, and whether this server has them is known
 * before anything is restored; still caught: the encoding, and every row, which is digested independently of both. A
 * connection limit, and settings whose values the manifest does not show, are in no dump; still caught: all other settings.
 * A server's first superuser is among the roles that are kept, and not in the snapshot; still caught: roles that are missing
 * or changed. PostgreSQL prints definitions otherwise from one major version to the next; still caught: objects that are missing.
 * @param sameMajor whether both servers are of the same major version
 */
export function weighFromElsewhere(difference: Difference, sameMajor: boolean): Difference | null {
  if (difference.rule === 'ROLE_UNEXPECTED') return null;
  return isOfServer(difference) || (!sameMajor && isPrintedOtherwise(difference))
    ? { ...difference, severity: 'warning' }
    : difference;
}

const ownAffairs = new Set([
  ...localeProperties.filter((name) => name !== 'encoding'),
  'datcollversion',
  'datconnlimit',
]);

function isOfServer({ rule, object, expected }: Difference): boolean {
  if (rule.startsWith('COLLATION_VERSION_')) return true;
  if (rule.startsWith('DATABASE_SETTING_')) return expected.startsWith('a value with the hash');
  return rule.startsWith('DATABASE_') && ownAffairs.has(object);
}

function isPrintedOtherwise({ rule }: Difference): boolean {
  return rule.endsWith('_CHANGED') && !rule.startsWith('LARGE_OBJECT_');
}
