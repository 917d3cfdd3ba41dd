import type { RuleTexts } from './rule.ts';

/** What differs between the restored database and its source. */
export const differenceRules = {
  TABLE_MISSING: [
    'A table is not there after the restore.',
    'It is not in the dump, or its creation failed.',
    'See the errors of the restore, and what the dump leaves out.',
  ],
  TABLE_UNEXPECTED: [
    'A table is there that the source does not have.',
    'The database was not empty, or the dump is of another moment than its manifest.',
    'Restore into an empty database; use dump and manifest of one backup.',
  ],
  ROW_COUNT_MISMATCH: [
    'A table has another number of rows than its source.',
    'Rows were not dumped, not restored, or changed by a trigger of the restore.',
    'Use another backup, and find out which rows: their keys are in the message, or `restore --diff` shows them.',
  ],
  CONTENT_MISMATCH: [
    'A table has the right number of rows, and other contents.',
    'Values were changed on the way: bytes of the dump, encoding, triggers, generated columns.',
    'The message names keys where it can. Look at what runs while a dump is restored.',
  ],
  LARGE_OBJECT_CHANGED: [
    'A large object has other bytes.',
    'The dump was damaged, or something wrote while it was restored.',
    'Use another backup.',
  ],
  LARGE_OBJECT_COUNT_MISMATCH: [
    'There are more or fewer large objects than at the source.',
    'They were left out (`--no-blobs`), or the dump is of single tables.',
    'Dump them, too (`--blobs`).',
  ],
  SEQUENCE_MISSING: [
    'A sequence is not there.',
    'It is not in the dump, or its creation failed.',
    'See the errors of the restore.',
  ],
  SEQUENCE_BEHIND: [
    'The next value of a sequence is one that is taken already.',
    'Its position was not restored, or it was behind at the source.',
    'Set it with `setval`, at the source, too.',
  ],
  SEQUENCE_POSITION_MISMATCH: [
    'A sequence stands elsewhere than at the source.',
    'Its position was not restored, or something used it.',
    'Set it with `setval`.',
  ],
  MATERIALIZED_VIEW_STALE: [
    'A materialised view was not refreshed at the source since its tables changed.',
    'A restore runs its query: what it holds is newer then.',
    'Refresh it at the source more often, or know that it changes by a restore.',
  ],
  MATERIALIZED_VIEW_VARIES: [
    'A materialised view may give other rows though its tables are the same.',
    'It calls `now()`, adds up floats, takes a `limit`, or reads a view that was stale.',
    'Nothing, where that is meant.',
  ],
  ROWS_IN_OTHER_PARTITIONS: [
    'Rows of a hash partition are in another partition after the restore.',
    'The hash of an enum is one of its oid, which is new.',
    'Nothing: the rows are all there. Do not name single partitions in queries.',
  ],
  TABLE_NOT_READ: [
    'A table of the restored database could not be read.',
    'A policy, a damaged file, or a type whose code fails.',
    'See the message.',
  ],
  ROLES_NOT_DUMPED: [
    'The backup holds no roles, though owners are to be preserved.',
    'They were not readable at the source.',
    'Take backups as a role that may read them, or keep `pg_dumpall --globals-only` beside the dump.',
  ],
  ROLES_NOT_RESTORED: [
    'Roles of the backup were not created as they were.',
    'They need what this server does not have, or a superuser.',
    'See the message, and create them before a restore.',
  ],
  FAULT_MISSED: [
    'A damage that was made on purpose was not found.',
    'The harness is at fault, not the backup.',
    'Do not rely on it for such a damage, and report this.',
  ],
} as const satisfies RuleTexts;
