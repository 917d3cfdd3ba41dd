import { backupStamp } from '../backup/backup-name.ts';

/** NAMEDATALEN - 1: PostgreSQL cuts longer names off, and two might become one. */
const longestNameBytes = 63;

/** The name of a database beside the live one that a backup is restored into. Pure. */
export function restoreName(live: string, takenAt: Date, attempt: number): string {
  return nameBeside(live, `_restore_${backupStamp(takenAt)}`, attempt);
}

/** The name of a database beside the live one that a part of a backup is restored into. Pure. */
export function partName(live: string, takenAt: Date, attempt: number): string {
  return nameBeside(live, `_part_${backupStamp(takenAt)}`, attempt);
}

/** The name under which the live database is kept when another takes its place. Pure. */
export function keptName(live: string, now: Date, attempt: number): string {
  return nameBeside(live, `_before_${backupStamp(now)}`, attempt);
}

/** The first name in a row of attempts that will do. Pure. */
export function firstName(nameOf: (attempt: number) => string, willDo: (name: string) => boolean): string {
  for (let attempt = 1; ; attempt += 1) {
    const name = nameOf(attempt);
    if (willDo(name)) return name;
  }
}

function nameBeside(live: string, what: string, attempt: number): string {
  const suffix = attempt === 1 ? what : `${what}_${attempt}`;
  return `${shorten(live, longestNameBytes - Buffer.byteLength(suffix))}${suffix}`;
}

/** As many whole characters from the start as have room. */
function shorten(text: string, bytes: number): string {
  let result = '';
  for (const character of text) {
    if (Buffer.byteLength(result + character) > bytes) break;
    result += character;
  }
  return result;
}
