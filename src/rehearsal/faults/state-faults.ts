import { withDisposable } from '../../postgres/disposable.ts';
import type { Fault } from './fault.ts';
import { specimenRole, specimenSchema } from './specimens.ts';

/** What a restore that went wrong would leave behind: SQL for the specimens, and what the comparison has to name. */
const damages: [name: string, finding: string, sql: string][] = [
  ['a row is lost', 'ROW_COUNT_MISMATCH', 'delete from children where id = 17'],
  ['a row is doubled', 'ROW_COUNT_MISMATCH', "insert into lines values ('line 3')"],
  [
    'a row is doubled in place of another',
    'CONTENT_MISMATCH',
    "update lines set line = 'line 3' where line = 'line 4'",
  ],
  ['a table is emptied', 'ROW_COUNT_MISMATCH', 'truncate lines'],
  ['a text is changed', 'CONTENT_MISMATCH', "update children set note = note || ' ' where id = 17"],
  ['a text became NULL', 'CONTENT_MISMATCH', 'update children set note = null where id = 17'],
  ['a date is a day off', 'CONTENT_MISMATCH', 'update parents set born = born + 1 where id = 17'],
  ['a number lost its scale', 'CONTENT_MISMATCH', 'update children set weight = trim_scale(weight) where id = 17'],
  [
    'two rows swapped a value',
    'CONTENT_MISMATCH',
    'update parents as one set name = other.name from parents as other where one.id + other.id = 300 and one.id in (140, 160)',
  ],
  ['a large object is lost', 'LARGE_OBJECT_COUNT_MISMATCH', 'select lo_unlink(oid) from pg_largeobject_metadata'],
  [
    'a large object is changed',
    'LARGE_OBJECT_CHANGED',
    "select lo_put(oid, 0, 'A'::bytea) from pg_largeobject_metadata",
  ],
  ['a sequence is set back', 'SEQUENCE_POSITION_MISMATCH', "select setval('tickets', 1000)"],
  ['a sequence is behind its column', 'SEQUENCE_BEHIND', "select setval('parents_id_seq', 1, false)"],
  [
    'a materialised view is not populated',
    'MATERIALIZED_VIEW_DATA_CHANGED',
    'refresh materialized view totals with no data',
  ],
  ['an index is lost', 'INDEX_MISSING', 'drop index parents_by_name'],
  ['a primary key is lost', 'CONSTRAINT_MISSING', 'alter table children drop constraint children_pkey'],
  ['a foreign key is lost', 'FK_CONSTRAINT_MISSING', 'alter table children drop constraint children_parent'],
  ['a check is lost', 'TABLE_CHANGED', 'alter table children drop constraint children_note'],
  [
    'a constraint is not valid',
    'CONSTRAINT_STATE_CHANGED',
    "alter table children drop constraint children_note; alter table children add constraint children_note check (note <> '') not valid",
  ],
  ['a default is lost', 'TABLE_CHANGED', 'alter table parents alter name drop default'],
  ['a column allows NULL', 'TABLE_CHANGED', 'alter table parents alter name drop not null'],
  ['a trigger is lost', 'TRIGGER_MISSING', 'drop trigger children_stamp on children'],
  ['a trigger is disabled', 'TRIGGER_STATE_CHANGED', 'alter table children disable trigger children_stamp'],
  [
    'a function is changed',
    'FUNCTION_CHANGED',
    "create or replace function stamp() returns trigger language plpgsql as 'begin return new; end'",
  ],
  ['a policy is lost', 'POLICY_MISSING', 'drop policy parents_visible on parents'],
  ['row security is off', 'ROW_SECURITY_MISSING', 'alter table parents disable row level security'],
  ['a view is lost', 'VIEW_MISSING', 'drop view grown'],
  ['a comment is lost', 'COMMENT_MISSING', 'comment on table parents is null'],
  ['a type is changed', 'TYPE_CHANGED', "alter type mood add value 'giddy'"],
];

const common = { kind: 'restored state', before: 'compare', failsAt: 'compare', verdict: 'not-verified' } as const;

/** Things that are missing or other than they were in a database that was restored without an error. */
export const stateFaults: Fault[] = [
  ...damages.map(([name, finding, sql]): Fault => ({ ...common, name, finding, damage: run(sql) })),
  {
    ...common,
    name: 'a grant is lost',
    finding: 'ACL_MISSING',
    damage: run(`revoke select on parents from ${specimenRole}`),
    profile: (profile) => ({ ...profile, ownership: 'preserve' }),
  },
];

function run(sql: string): Fault['damage'] {
  return async (copy) => {
    await withDisposable(copy.site.asAdmin, (client) =>
      client.query(`set session_replication_role to replica; set search_path to ${specimenSchema}; ${sql}`),
    );
  };
}
