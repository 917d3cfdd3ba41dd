import type { ErrorCode } from '../system/operational-error.ts';

/** What pg_restore and psql say of one kind of error, and the next step. */
interface Kind {
  rule: string;
  /** Its first group, if any, names the object. */
  pattern: RegExp;
  remedy: string;
  /** Where a value of a row cannot be read. */
  remedyInRows?: string;
  /** Whether it is the server's fault, which cannot be held against a backup. */
  ofServer?: ErrorCode;
}

const leavesSchemaOut =
  'pg_restore works with an empty search_path: qualify names inside of functions, or give them SET search_path.';

const encodingRemedy = 'Create the database with the encoding of the source: pg_dump --create writes the statement.';

/** From the particular to the general: the first that fits names the error. */
export const kinds: readonly Kind[] = [
  {
    rule: 'ARCHIVE_VERSION_UNSUPPORTED',
    pattern: /unsupported version \(([\d.]+)\) in file header/,
    remedy: 'Restore with the pg_restore of the PostgreSQL that took the dump, or of a newer one.',
  },
  {
    rule: 'ARCHIVE_NOT_RECOGNISED',
    pattern: /does not appear to be a valid (?:tar )?archive|input file is too short|did not find magic string/,
    remedy: 'This file is no archive of pg_dump: see what the backup job wrote, and whether it was encrypted or cut.',
  },
  {
    rule: 'ARCHIVE_TRUNCATED',
    pattern:
      /could not read from input file: end of file|unexpected end of file|could not read from input file: .*[Ss]uccess/,
    remedy: 'The archive ends too early: copy it again from off-host storage, and compare sizes.',
  },
  {
    rule: 'ARCHIVE_TRUNCATED',
    pattern:
      /could not close data file|could not open (?:input|large object TOC) file .*No such file|could not find (?:header for )?file "[^"]*" in (?:tar )?archive|invalid line in large object TOC/,
    remedy:
      'A file of the archive is missing or cut, or is a link, which is not followed: copy all of them again from off-host storage, and compare sizes.',
  },
  {
    rule: 'ARCHIVE_CORRUPT',
    pattern:
      /crashed while it read the archive|could not uncompress data|could not decompress|corrupt|invalid (?:compression|block|distance|stored block)|unrecognized data block type|found unexpected block ID|incorrect data check|entry ID -?\d+ out of range|bad (?:date|dumpId)|integer size \(\d+\) (?:failed|in archive)/,
    remedy:
      'Bytes of the archive have changed: copy it again from off-host storage, and check it against its checksum.',
  },
  {
    rule: 'SESSION_ENDED_BY_DUMP',
    pattern:
      /((?:terminating connection due to (?:administrator command|[\w-]+ timeout))|canceling statement due to \w+ timeout)/,
    remedy:
      'Sessions of a restore have no timeouts: look in the dump for what sets one, or calls pg_terminate_backend.',
  },
  {
    rule: 'ROLE_MISSING',
    // A message escapes no quotes of a name.
    pattern: /role "(.+?)" does not exist/,
    remedy: 'Restore the roles first: pg_dumpall --globals-only writes them.',
  },
  {
    rule: 'EXTENSION_MISSING',
    pattern:
      /extension "([^"]+)" is not available|could not open extension control file "[^"]*\/([^/"]+)\.control"|extension "([^"]+)" does not exist/,
    remedy: 'Install the package of the extension on the server that is restored to.',
    ofServer: 'EXTENSION_MISSING',
  },
  {
    rule: 'EXTENSION_VERSION_MISSING',
    pattern: /extension "([^"]+)" has no installation script/,
    remedy: 'Install the version of the extension that the source runs.',
    ofServer: 'EXTENSION_MISSING',
  },
  {
    rule: 'LIBRARY_MISSING',
    pattern:
      /could not (?:access file|load library) "([^"]+)": (?:\S+: )?(?:No such file|cannot open shared object file: No such file)|could not find function "[^"]+" in file "([^"]+)"/,
    remedy: 'Install the package that brings this library on the server that is restored to.',
    ofServer: 'LIBRARY_MISSING',
  },
  {
    rule: 'TEXT_SEARCH_MISSING',
    pattern: /could not open (?:stop-word|dictionary|affix|synonym|thesaurus) file "(?:[^"]*\/)?([^"/]+)"/,
    remedy:
      'Copy the files of the dictionary from the source into the directory tsearch_data of the server that is restored to (pg_config --sharedir), or install what brings them (Debian: the hunspell-… package, then pg_updatedicts).',
    ofServer: 'TEXT_SEARCH_MISSING',
  },
  {
    rule: 'TIME_ZONE_MISSING',
    pattern: /time zone "([^"]+)" (?:not recognized|appears)|invalid value for parameter "TimeZone": "([^"]+)"/,
    remedy: 'Install the time zones of the operating system on the server that is restored to (Debian: tzdata).',
    ofServer: 'TIME_ZONE_MISSING',
  },
  {
    rule: 'ACCESS_METHOD_MISSING',
    pattern:
      /access method "([^"]+)" does not exist|invalid value for parameter "default_table_access_method": "([^"]+)"/,
    remedy: 'Install the extension that brings this access method on the server that is restored to.',
    ofServer: 'ACCESS_METHOD_MISSING',
  },
  {
    rule: 'COMPRESSION_MISSING',
    pattern: /compression method (\w+) not supported/,
    remedy: 'Restore into a PostgreSQL that was built with this compression; those of Debian and Docker are.',
    ofServer: 'COMPRESSION_MISSING',
  },
  {
    rule: 'MONEY_LOCALE_MISSING',
    pattern: /invalid input syntax for type (money)/,
    remedy:
      'A dump writes money as lc_monetary of its source has it, and does not say which: back up with restore-rehearsal, whose manifest does, or set lc_monetary of the server that is restored to.',
    ofServer: 'LOCALE_MISSING',
  },
  {
    rule: 'FOREIGN_DATA_UNREACHABLE',
    pattern:
      /could not connect to server "(.+?)"|could not establish (connection)|could not open file "([^"]+)" for reading/,
    remedy:
      'A materialised view or an index is computed from what is kept elsewhere (a foreign table, a file, dblink), which no dump holds and ' +
      'this server does not reach. Tolerate the error in the profile, and the rows that are missing with it, with that for a reason; or leave the rows of the view to a ' +
      'refresh after the restore: pg_dump --exclude-table-data.',
    ofServer: 'FOREIGN_DATA_UNREACHABLE',
  },
  {
    rule: 'EXTENSION_NOT_PERMITTED',
    pattern: /permission denied to create extension "([^"]+)"|must be owner of extension "?([^"\s]+)/,
    remedy: 'Name the extension under "extensions" in the profile: a superuser then creates it before the restore.',
  },
  {
    rule: 'SETTING_UNKNOWN',
    pattern: /unrecognized configuration parameter "([^".]+\.[^"]+)"/,
    remedy:
      'This setting of the application is one of the database or of a role, which come back after the rows: set it before the restore ' +
      '(ALTER DATABASE … SET), or read it with current_setting(name, true), which takes it for NULL where it is not set.',
  },
  {
    rule: 'SETTING_UNKNOWN',
    pattern: /unrecognized configuration parameter "([^"]+)"/,
    remedy: 'The dump was taken for a newer PostgreSQL: restore into that version, or dump with the older pg_dump.',
  },
  {
    rule: 'TABLESPACE_MISSING',
    pattern: /tablespace "([^"]+)" does not exist|invalid value for parameter "default_tablespace": "([^"]+)"/,
    remedy: 'Create the tablespace first, or restore with --no-tablespaces.',
  },
  {
    rule: 'LOCALE_MISSING',
    pattern:
      /invalid locale name: "([^"]+)"|could not create locale "([^"]+)"|collation "pg_catalog\.([^"]+)" .*does not exist|no (?:libc|ICU) locale/,
    remedy: 'Install the locale on the server that is restored to (Debian: locales-all).',
    ofServer: 'LOCALE_MISSING',
  },
  {
    rule: 'COLLATION_NOT_FOUND',
    pattern: /collation "([^"]+)" .*does not exist/,
    remedy: leavesSchemaOut,
  },
  {
    rule: 'ENCODING_MISMATCH',
    pattern: /has no equivalent in encoding "([^"]+)"|invalid byte sequence for encoding "([^"]+)"/,
    remedy: encodingRemedy,
  },
  {
    rule: 'PARTITION_MISSING',
    pattern: /no partition of relation "([^"]+)" found for row/,
    remedy: 'Rows were routed elsewhere than at the source: dump with --load-via-partition-root, or mend the bounds.',
  },
  {
    rule: 'CHECK_VIOLATED',
    pattern: /violates check constraint "([^"]+)"|check constraint "([^"]+)" (?:of relation .* )?is violated/,
    remedy: 'A check that reads other tables or the time does not hold while a dump is restored: make it a trigger.',
  },
  {
    rule: 'FOREIGN_KEY_VIOLATED',
    pattern: /violates foreign key constraint "([^"]+)"/,
    remedy: 'Rows that a foreign key needs are missing: find out whether the source holds them.',
  },
  {
    rule: 'UNIQUENESS_VIOLATED',
    pattern:
      /could not create unique index "([^"]+)"|duplicate key value violates unique constraint "([^"]+)"|conflicting key value violates exclusion constraint "([^"]+)"/,
    remedy: 'The source holds duplicates in spite of its index, which is corrupt: mend the rows and REINDEX there.',
  },
  {
    rule: 'NOT_NULL_VIOLATED',
    pattern: /null value in column "([^"]+)"|column "([^"]+)" .*contains null values/,
    remedy:
      'The source holds NULLs that its definition forbids. Where the table inherits from another, it has dropped the NOT NULL of its parent, ' +
      'of which pg_dump writes no word: mend the rows and set NOT NULL there again, or drop it at the parent, too.',
  },
  {
    rule: 'OBJECT_EXISTS',
    pattern: /(?:relation|function|type|schema|trigger|role|operator|constraint)\s"?([^"\s]+)"? .*already exists/,
    remedy: 'Restore into an empty database: see whether template1 is empty.',
  },
  {
    rule: 'FUNCTION_NOT_FOUND',
    pattern: /function ([^\s(]+\([^)]*\)) does not exist/,
    remedy: leavesSchemaOut,
  },
  {
    rule: 'OPERATOR_NOT_FOUND',
    pattern: /operator does not exist: (.+)/,
    remedy: `${leavesSchemaOut} An operator of an extension is qualified like this: a OPERATOR(public.%) b.`,
  },
  {
    rule: 'TEXT_SEARCH_NOT_FOUND',
    pattern: /text search (?:configuration|dictionary|parser|template) "([^"]+)" does not exist/,
    remedy: leavesSchemaOut,
  },
  {
    rule: 'SCHEMA_NOT_FOUND',
    pattern: /schema "([^"]+)" does not exist/,
    remedy: 'The dump does not hold this schema: dump the whole database, without --schema and --table.',
  },
  {
    rule: 'RELATION_NOT_FOUND',
    pattern: /relation "([^"]+)" does not exist/,
    remedy: leavesSchemaOut,
    remedyInRows:
      'A value of the type regclass names this relation. A dump brings rows back before indexes, and not in the order in which they name ' +
      'each other: store the name as text, or leave these rows to a script that is run after the restore.',
  },
  {
    rule: 'TYPE_NOT_FOUND',
    pattern: /type "([^"]+)" does not exist/,
    remedy:
      'The type belongs to an extension or schema that the dump does not hold, or a function leaves its schema out.',
  },
  {
    rule: 'STATEMENT_INVALID',
    pattern: /syntax error at or near|unterminated (?:quoted|dollar-quoted)|invalid message format/,
    remedy:
      'Bytes of the archive have changed, for pg_dump writes no such SQL: check the archive against its checksum.',
  },
  {
    rule: 'PERMISSION_DENIED',
    pattern:
      /permission denied(?: for \w+ ("?[^"\s]+"?))?|must be (?:owner of \w+|member of role|able to SET ROLE) "?([^"\s]+)|must be superuser|[Oo]nly superusers?|access to library "([^"]+)" is not allowed/,
    remedy:
      'See what the role that restores may not do, and whether the dump has to do it. What takes a superuser needs ' +
      'restoreAs: "superuser" in the profile: then the code of the dump has all rights of the server that is restored to.',
  },
];
