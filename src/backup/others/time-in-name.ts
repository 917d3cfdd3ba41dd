/** A point in time as a name says it. */
export interface NamedTime {
  takenAt: Date;
  /** Where a name says the day alone, `takenAt` is the start of it. */
  precision: 'second' | 'day';
  /** Whether the name says in which time zone; it is taken for UTC otherwise. */
  saysZone: boolean;
  /** The words that say it, to be taken out of the name. */
  words: string;
}

/** Finds the time in the name of a backup, as people and tools write it. null where it says none that has ever been. Pure. */
export function findTime(name: string): NamedTime | null {
  for (const form of forms) {
    for (const match of name.matchAll(form)) {
      const read = readParts(match.groups ?? {});
      if (read !== null) return { ...read, words: match[0] };
    }
  }
  return null;
}

const day = '(?<y>20\\d\\d)(?<gap>[-_.]?)(?<mo>0[1-9]|1[0-2])\\k<gap>(?<d>0[1-9]|[12]\\d|3[01])';
const time = '(?<h>[01]\\d|2[0-3])[-:._hH]?(?<mi>[0-5]\\d)(?:m|(?:[-:._mM]?(?<s>[0-5]\\d)))?(?:\\.\\d{1,9})?';
const zone = '(?<zone>Z|UTC|[+-](?:0\\d|1[0-4])(?::?[0-5]\\d)?)?';
const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const monthName = `(?<month>${months.join('|')})[a-z]*`;

/** The first that fits a name says its time. What stands for a number stands alone: digits beside it would make it another. */
const forms = [
  // 20260209T094803Z, 2026-02-09T09:48:03+01:00, 2026-02-09_03h00m, 20260209-094803, Cloud_SQL_Export_2026-02-09 (09:48:03)
  new RegExp(`(?<!\\d)${day}(?:[T_.@ -]| ?\\()?${time}\\)?${zone}(?!\\d)`, 'g'),
  // 09-February-2026-03-00, 09-Feb-2026: kartoza
  new RegExp(`(?<!\\d)(?<d>\\d\\d?)-${monthName}-(?<y>20\\d\\d)(?:[-_. ]${time})?(?!\\d)`, 'gi'),
  // 09-02-2026@03-00-00: Supabase
  new RegExp(`(?<!\\d)(?<d>\\d\\d)-(?<mo>\\d\\d)-(?<y>20\\d\\d)@${time}(?!\\d)`, 'g'),
  // Seconds or milliseconds since 1970: Coolify
  /(?<![\dA-Za-z])(?<epoch>1[4-9]\d{8})(?<ms>\d{3})?(?![\dA-Za-z])/g,
  new RegExp(`(?<!\\d)${day}(?!\\d)`, 'g'),
  // Folders by year, month and day: 2026/02/09/
  new RegExp(`(?<!\\d)(?<y>20\\d\\d)/(?:(?<mo>\\d\\d)|${monthName})/(?<d>\\d\\d)(?!\\d)`, 'gi'),
];

function readParts(parts: Record<string, string | undefined>): Omit<NamedTime, 'words'> | null {
  const { y, mo, month, d, h, mi = '00', s = '00', zone: named, epoch, ms = '000' } = parts;
  if (epoch !== undefined) {
    return { takenAt: new Date(Number(`${epoch}${ms}`)), precision: 'second', saysZone: true };
  }
  const number = mo ?? String(months.indexOf((month ?? '').slice(0, 3).toLowerCase()) + 1).padStart(2, '0');
  const date = `${y ?? ''}-${number}-${(d ?? '').padStart(2, '0')}`;
  const start = new Date(`${date}T00:00:00Z`);
  // 2026-02-31 would be taken for a day in March.
  if (Number.isNaN(start.getTime()) || start.toISOString().slice(0, 10) !== date) return null;
  if (h === undefined) return { takenAt: start, precision: 'day', saysZone: false };
  const offset = named === undefined || named === 'UTC' ? 'Z' : withMinutes(named);
  return { takenAt: new Date(`${date}T${h}:${mi}:${s}${offset}`), precision: 'second', saysZone: named !== undefined };
}

/** `+01` and `+0100` are `+01:00`. */
function withMinutes(zoneText: string): string {
  if (zoneText === 'Z') return 'Z';
  const [, hours = '', minutes = '00'] = /^([+-]\d\d):?(\d\d)?$/.exec(zoneText) ?? [];
  return `${hours}:${minutes}`;
}
