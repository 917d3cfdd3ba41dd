import type { RuleTexts } from './rule.ts';

const named = 'The dump names it, and does not bring it.';

/** Errors of pg_restore and psql, read. */
export const restoreRules = {
  ROLE_MISSING: [
    'The dump names a role that is not on the server.',
    'No dump of a database holds roles.',
    'Name it in `roles`, take the roles of the server with you (`--globals`), or tolerate it with a reason.',
  ],
  EXTENSION_NOT_PERMITTED: [
    'An extension takes a superuser to create.',
    'It is not a trusted one.',
    'Name it in `extensions` of the profile.',
  ],
  EXTENSION_VERSION_MISSING: [
    'The extension is here in another version.',
    'The server of the restore has other packages than production.',
    'Install the version that the message names.',
  ],
  PERMISSION_DENIED: [
    'The restoring role may not do something that the dump does.',
    'The dump holds what takes a superuser, or objects of other owners.',
    "See the message: an extension to be named in `extensions`, `ownership: 'preserve'`, or `restoreAs: 'superuser'`.",
  ],
  FUNCTION_NOT_FOUND: [
    'A definition calls a function that is not there.',
    'It belongs to an extension or a schema that is not in the dump, or it is called without its schema.',
    'Bring what it belongs to, and write the schema in front of the call (`set search_path` in functions).',
  ],
  OPERATOR_NOT_FOUND: [
    'A definition uses an operator that is not there.',
    named,
    'Create the extension that it belongs to.',
  ],
  TYPE_NOT_FOUND: [
    'A definition uses a type that is not there.',
    named,
    'Create the extension that it belongs to, or dump its schema, too.',
  ],
  RELATION_NOT_FOUND: [
    'A definition uses a table or view that is not there.',
    'It was left out of the dump, or a function names it without its schema.',
    'Dump it, too, or write its schema in front of it.',
  ],
  SCHEMA_NOT_FOUND: [
    'The dump uses a schema that is not there.',
    'Only a part of the database was dumped.',
    'Dump the schema, too.',
  ],
  COLLATION_NOT_FOUND: [
    'A collation is not on this server.',
    named,
    'Install the locales, or use an image that has them.',
  ],
  TEXT_SEARCH_NOT_FOUND: [
    'A text search configuration or dictionary is not there.',
    named,
    'Bring what it belongs to: an extension, or files of the server.',
  ],
  TABLESPACE_MISSING: [
    'The dump names a tablespace that is not on the server.',
    named,
    'Dump with `--no-tablespaces`, or create it.',
  ],
  MONEY_LOCALE_MISSING: [
    'Values of the type money cannot be read.',
    'They are written in the locale of their source (`lc_monetary`), which is not here.',
    'Install the locale, or use another type than money.',
  ],
  PARTITION_MISSING: [
    'A row has no partition.',
    'A partition was left out of the dump, or rows changed their partition.',
    'Dump all partitions.',
  ],
  CHECK_VIOLATED: [
    'A row breaks a check of its table.',
    'The check reads other tables or the time, and does not hold while a dump is restored, or the source is damaged.',
    'Make such a check a trigger.',
  ],
  NOT_NULL_VIOLATED: [
    'A row has no value where one has to be.',
    'The dump is damaged, or the source was.',
    'Use another backup, and look at the source.',
  ],
  FOREIGN_KEY_VIOLATED: [
    'A row points to one that is not there.',
    'The source is damaged (its triggers were switched off), or the dump is of several moments.',
    'Look for such rows at the source, and mend them.',
  ],
  UNIQUENESS_VIOLATED: [
    'Two rows have the same key.',
    'An index of the source is damaged, often by another version of its collation, or the restore ran twice.',
    'Look for double rows at the source, mend them and `reindex`.',
  ],
  OBJECT_EXISTS: [
    'Something is there already that the dump creates.',
    'The database was not empty, or the dump holds it twice.',
    'Restore into an empty database.',
  ],
  DATABASE_NOT_EMPTY: [
    'The new database is not empty.',
    'template1 of this server holds something.',
    'Create from template0, as the runbook’s commands should.',
  ],
  ENCODING_MISMATCH: [
    'Text cannot be written in the encoding of the database.',
    'The database was created with another encoding than its source.',
    'Create it with the encoding of the source (`encoding`, `template0`).',
  ],
  SETTING_UNKNOWN: [
    'The dump sets something that this server does not know.',
    'The dump is of a newer version, or of a product built on PostgreSQL.',
    'Restore with the version that the dump is of.',
  ],
  SETTING_NOT_TAKEN: [
    'A setting of the database cannot be taken over.',
    'It takes a library, a locale or a superuser.',
    'Bring what it needs to the server, or tolerate it with a reason.',
  ],
  STATEMENT_INVALID: [
    'A statement of the dump cannot be run.',
    'Its bytes have changed, or it is of a newer version.',
    'Use another backup, or the version that it is of.',
  ],
  SESSION_ENDED_BY_DUMP: [
    'The dump has ended the session that restores it.',
    'It holds code that ends sessions.',
    'Look at the functions and triggers that the message names.',
  ],
  RESTORE_STOPPED: [
    'The restore was ended before its end.',
    'Something in the dump hangs or takes longer than the deadline.',
    'The message names the statement. Look at what it waits for.',
  ],
  RESTORED_AS_SUPERUSER: [
    'A superuser has restored the dump.',
    "The profile says `restoreAs: 'superuser'`.",
    'Nothing, where that is known. Code in the dump had all rights of the disposable server.',
  ],
  DATABASE_CLOSED_BY_DUMP: [
    'Nobody can log in to the restored database.',
    'The dump sets a limit of connections, or takes the right to connect.',
    'Take that back after every restore.',
  ],
  STRUCTURE_CORRUPT: [
    '`pg_amcheck` found damage in a table or an index.',
    'An operator class that contradicts itself, a collation of another version, or failing hardware.',
    'See its message. `reindex` mends an index.',
  ],
} as const satisfies RuleTexts;
