import type pg from 'pg';

/**
 * The time zones that points in time, as a dump prints them, fit best: the dump itself does not name the zone. Only offsets tell
 * it, so there are several as a rule.
 * @param timestamps as COPY prints them: `2026-02-09 09:48:03.5+01`; some may be pieces of other texts
 */
export async function findTimeZones(client: pg.Client, timestamps: string[]): Promise<string[]> {
  const possible = timestamps.filter(isPointInTime);
  if (possible.every((text) => /\+00(?: BC)?$/.test(text))) return ['UTC'];
  const { rows } = await client.query<{ name: string }>(fittingZones, [possible, mostZones]);
  return rows.map(({ name }) => name);
}

/** Several zones may fit what was looked at, and differ in some other year. */
const mostZones = 4;

/** What stands in front of the offset is the local time of the zone. */
const fittingZones = `
  select zone.name
  from pg_catalog.pg_timezone_names as zone
  cross join lateral (
    select pg_catalog.count(*) as fitting
    from pg_catalog.unnest($1::text[]) as printed (text)
    where ((text::timestamptz at time zone zone.name)::text)
      = pg_catalog.regexp_replace(text, '[+-][0-9:]+( BC)?$', '\\1')
  ) as printed
  where fitting > 0
  and zone.name !~ '^(posix/|Factory)'
  order by fitting desc, zone.name not like '%/%', zone.name
  limit $2`;

/** Others would be an error of the server's. */
function isPointInTime(text: string): boolean {
  const [, month = 0, day = 0, hour = 0, minute = 0, second = 0, offset = 0] = (parts.exec(text) ?? []).map(Number);
  const isDay = month >= 1 && month <= 12 && day >= 1 && day <= 28;
  return isDay && hour < 24 && minute < 60 && second < 60 && Math.abs(offset) < 15;
}

const parts = /^\d{4,5}-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)(?:\.\d+)?([+-]\d\d)/;
