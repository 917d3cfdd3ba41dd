import pg from 'pg';
import { withDisposable } from '../../postgres/disposable.ts';
import { createRoles } from '../../postgres/globals.ts';
import type { ServedDatabase } from '../served-database.ts';
import type { StepBody } from '../step.ts';

export const specimenSchema = 'rehearsal_specimens';
export const specimenRole = 'rehearsal_specimen_role';

/** Extensions of PostgreSQL's contrib that whoever owns a database may create. */
const trusted = ['hstore', 'citext', 'pg_trgm', 'ltree', 'unaccent'];

/**
 * Adds one specimen of each kind of object to the seeded database, in a schema of their own: what is damaged on purpose
 * has to be there, whatever the profile's schema holds.
 */
export const addSpecimens: StepBody<{ served: ServedDatabase }> = async (_drill, { served }) => {
  const { admin } = served.server;
  await createRoles(admin, [specimenRole]);
  const extension = await withDisposable(served.asOwner, async (client) => {
    await client.query(specimens);
    const { rows } = await client.query<{ name: string }>(
      `select name
      from pg_catalog.pg_available_extensions
      where installed_version is null
      and name = any ($1)
      order by name
      limit 1`,
      [trusted],
    );
    const [first] = rows;
    if (first === undefined) return 'none';
    await client.query(`create extension ${pg.escapeIdentifier(first.name)} schema ${specimenSchema}`);
    return first.name;
  });
  return { summary: `schema ${specimenSchema}`, facts: { schema: specimenSchema, extension } };
};

const specimens = `
  create schema ${specimenSchema};
  set search_path to ${specimenSchema};

  create table parents (
    id integer generated always as identity primary key,
    name text not null default 'nobody',
    born date,
    amount numeric(10, 2) check (amount >= 0),
    tagged boolean default true
  );
  comment on table parents is 'a specimen: what stands here is of no consequence';
  create index parents_by_name on parents (name);
  create table children (
    id integer primary key,
    parent integer not null constraint children_parent references parents,
    note text collate "C",
    weight numeric
  );
  insert into parents (name, born, amount)
    select 'имя ' || n, date '2000-01-01' + n, n * 1.50 from generate_series(1, 200) as n;
  insert into children select n, n, md5(n::text), 1.50 from generate_series(1, 200) as n;
  alter table children add constraint children_note check (note <> '') not valid;
  alter table children validate constraint children_note;

  create table lines (line text);
  insert into lines select 'line ' || n from generate_series(1, 20) as n;

  create sequence tickets start 1000;
  select setval('tickets', 4711);

  create function stamp() returns trigger language plpgsql
    as 'begin new.note := coalesce(new.note, ''stamped''); return new; end';
  create trigger children_stamp before insert on children for each row execute function stamp();

  alter table parents enable row level security;
  create policy parents_visible on parents for select using (tagged);

  create view grown as select id, name from parents where born < date '2001-01-01';
  create materialized view totals as select count(*) as parents, sum(amount) as amount from parents;
  create type mood as enum ('calm', 'tense');

  grant usage on schema ${specimenSchema} to ${specimenRole};
  grant select on parents to ${specimenRole};

  select pg_catalog.lo_from_bytea(0, pg_catalog.convert_to('a large specimen', 'UTF8'));
`;
