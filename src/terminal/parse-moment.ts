/**
 * Reads a point in time: `2026-02-09`, `2026-02-09 09:48`, `2026-02-09T09:48:03+01:00`, or a stamp as it stands in the names of
 * backups, `20260209T094803Z`. Without a time zone, it is in that of this machine. Pure but for that.
 * @returns null where it is none
 */
export function parseMoment(text: string): Date | null {
  const groups = (written.exec(text) ?? stamp.exec(text))?.groups;
  if (groups === undefined) return null;
  const { year = '', month = '', day = '', hour = '00', minute = '00', second = '00', zone = '' } = groups;
  const daysOfMonth = new Date(Date.UTC(Number(year), Number(month), 0)).getUTCDate();
  if (Number(day) > daysOfMonth) return null;
  const offset = /^[+-]/.test(zone)
    ? zone.replace(/^(...):?(\d\d)?$/, (_, hours: string, minutes = '00') => `${hours}:${minutes}`)
    : zone.toUpperCase();
  const moment = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}${offset}`);
  return Number.isNaN(moment.getTime()) ? null : moment;
}

const date = String.raw`(?<year>\d{4})-(?<month>\d\d)-(?<day>\d\d)`;
const time = String.raw`(?<hour>\d\d):(?<minute>\d\d)(?::(?<second>\d\d(?:\.\d{1,3})?))?`;
const written = new RegExp(String.raw`^${date}(?:[T ]${time} ?(?<zone>Z|[+-]\d\d(?::?\d\d)?)?)?$`, 'i');
const stamp = /^(?<year>\d{4})(?<month>\d\d)(?<day>\d\d)T(?<hour>\d\d)(?<minute>\d\d)(?<second>\d\d)(?<zone>Z)$/;
