import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const schema = fileURLToPath(new URL('../../fixtures/haircuttgbot/schema.sql', import.meta.url));

/**
 * The haircuttgbot stack's database with any number of bookings, made inside the server: a few masters have most of them, one
 * in twenty has a long text, and events hold jsonb.
 */
export async function bookingsSql(bookings: number): Promise<string> {
  const users = Math.max(20, Math.ceil(bookings / 20));
  const masters = Math.max(3, Math.min(400, Math.ceil(bookings / 1000)));
  return `${await readFile(schema, 'utf8')}
    insert into roles (name) values ('Client'), ('Master');
    insert into users (telegram_user_id, role_id, telegram_username, phone_number, created_at)
      select 1000000 + n, case when n <= ${masters} then 2 else 1 end, 'user_' || md5(n::text),
        '+7' || (9000000000 + n::bigint * 7919 % 999999999), timestamptz '2026-01-01' + n * interval '7 seconds'
      from generate_series(1, ${users}) as n;
    insert into masters (user_id, display_name) select n, 'Master ' || n from generate_series(1, ${masters}) as n;
    insert into services (code, label_ru, duration_minutes) values
      ('haircut', 'Стрижка', 60), ('beard', 'Борода', 30), ('haircut_beard', 'Стрижка и борода', 90);
    insert into bookings (master_id, client_user_id, booking_group_key, service_type, slot_start, slot_end, status,
        cancellation_reason, client_username_snapshot, client_phone_snapshot, created_at)
      select 1 + floor(${masters} * power((n::bigint * 7919 % 10007) / 10007.0, 3))::integer, 1 + n % ${users},
        case when n % 7 = 0 then md5(n::text) end, (array['haircut', 'beard', 'haircut_beard'])[n % 3 + 1],
        timestamptz '2020-01-01' + n * interval '1 minute', timestamptz '2020-01-01' + (n + 45) * interval '1 minute',
        (array['active', 'completed', 'completed', 'cancelled_by_client'])[n % 4 + 1],
        case when n % 20 = 0 then repeat(md5(n::text) || ' ', 1 + n % 60) end,
        'user_' || md5((n % ${users})::text), '+7' || (9000000000 + n % 999999999),
        timestamptz '2019-12-01' + n * interval '1 minute'
      from generate_series(1, ${bookings}) as n;
    insert into availability_blocks (master_id, block_type, start_at, end_at, reason)
      select 1 + n % ${masters}, 'manual_block', timestamptz '2020-01-01' + n * interval '1 hour',
        timestamptz '2020-01-01' + (n + 1) * interval '1 hour', 'block ' || n
      from generate_series(1, ${Math.ceil(bookings / 50)}) as n;
    insert into audit_events (actor_user_id, event_type, entity_type, entity_id, payload)
      select 1 + n % ${users}, 'booking_created', 'booking', n::text,
        jsonb_build_object('booking', n, 'by', md5(n::text), 'tags', jsonb_build_array('a', n % 10, n % 2 = 0),
          'before', null, 'after', jsonb_build_object('status', 'active', 'price', n % 5000))
      from generate_series(1, ${Math.ceil(bookings / 2)}) as n;
    insert into booking_reminders (booking_id, due_at, status)
      select n * 4, timestamptz '2020-01-01' + n * interval '4 minutes', 'sent'
      from generate_series(1, ${Math.floor(bookings / 4)}) as n;`;
}

/** Databases that are not like that one, each as large as it is named at a scale of 1. */
export const shapes: { name: string; objects: (scale: number) => number; sql: (scale: number) => string }[] = [
  {
    name: '20,000 tables',
    objects: (scale) => 60_000 * scale,
    sql: (scale) =>
      many(
        20_000 * scale,
        'create table t%1$s (id integer primary key, note text)',
        "insert into t%1$s values (1, 'a')",
      ),
  },
  {
    name: '5,000 partitions',
    objects: (scale) => 15_000 * scale,
    sql: (scale) => `create table parts (id bigint, note text) partition by range (id);
      ${many(5000 * scale, 'create table parts_%1$s partition of parts for values from (%1$s) to (%1$s + 1)')}
      insert into parts select n, md5(n::text) from generate_series(1, ${whole(5000 * scale)}) as n;`,
  },
  {
    name: '200,000 large objects',
    objects: () => 0,
    sql: (scale) =>
      `select count(lo_from_bytea(0, decode(md5(n::text), 'hex'))) from generate_series(1, ${whole(200_000 * scale)}) as n`,
  },
  {
    name: 'one row of 200 MB',
    objects: () => 0,
    // A line of pg_dump's COPY has two digits for each byte of a bytea, so that it is text.
    sql: (scale) => `create table wide (id integer primary key, document text);
      insert into wide select 1, string_agg(md5(n::text), '') from generate_series(1, ${whole(6_250_000 * scale)}) as n;`,
  },
  {
    name: '20 million narrow rows',
    objects: () => 0,
    sql: (scale) => `create table narrow (id integer, value integer);
      insert into narrow select n, n % 1000 from generate_series(1, ${whole(20_000_000 * scale)}) as n;`,
  },
];

/** Statements with the numbers from 1 on; each thousand is a transaction of its own, for locks take memory. */
function many(count: number, ...statements: string[]): string {
  const executes = statements.map((statement) => `execute format('${statement.replaceAll("'", "''")}', n);`).join(' ');
  return `do $$ begin for n in 1..${whole(count)} loop ${executes} if n % 1000 = 0 then commit; end if; end loop; end $$;`;
}

function whole(count: number): number {
  return Math.max(1, Math.round(count));
}
