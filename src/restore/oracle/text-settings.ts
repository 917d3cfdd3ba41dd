import type pg from 'pg';
import type { TextSettings } from '../../postgres/copy-out.ts';
import type { DumpedContents } from '../../postgres/plain-dump-contents.ts';

/** How the values of a dump may be printed, the likeliest first: a dump says of it only its encoding. */
export async function possibleSettings(
  client: pg.Client,
  { tables, timestamps, encoding }: Pick<DumpedContents, 'tables' | 'timestamps' | 'encoding'>,
): Promise<[TextSettings, ...TextSettings[]]> {
  const [timeZone = 'UTC', ...others] = timestamps.length === 0 ? [] : await findTimeZones(client, timestamps);
  const quotesAll = await quotesEveryName(client, [...tables.keys()]);
  const usual: TextSettings = { timeZone, byteaOutput: 'hex', encoding: encoding ?? 'UTF8', quotesAll };
  return [usual, ...others.map((zone) => ({ ...usual, timeZone: zone })), { ...usual, byteaOutput: 'escape' }];
}

/** Whether tables have quotes where no name needs them: pg_dump --quote-all-identifiers. */
async function quotesEveryName(client: pg.Client, tables: string[]): Promise<boolean> {
  const schemas = tables.map((table) => /^"((?:[^"]|"")+)"\./.exec(table)?.[1]?.replaceAll('""', '"'));
  if (schemas.includes(undefined)) return false;
  const { rows } = await client.query<{ needless: boolean }>(
    `select exists (
      select
      from pg_catalog.unnest($1::text[]) as schema (name)
      where pg_catalog.quote_ident(name) = name
    ) as needless`,
    [schemas],
  );
  return rows[0]?.needless === true;
}

/**
 * The time zones that points in time, as a dump prints them, fit best: the dump itself does not name the zone. Only offsets tell
 * it, so there are several as a rule.
 * @param timestamps as COPY prints them: `2026-02-09 09:48:03.5+01`; some may be pieces of other texts
 */
async function findTimeZones(client: pg.Client, timestamps: string[]): Promise<string[]> {
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
