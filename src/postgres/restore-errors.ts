/** An error of pg_restore by its kind. */
export interface RestoreError {
  /** Stable, like the rules of findings. */
  rule: string;
  /** What it is about: a role, an extension, the object that pg_restore was creating. */
  object: string;
  /** The message, as pg_restore printed it. */
  message: string;
  remedy: string;
}

interface Kind {
  rule: string;
  /** Its first group, if any, names the object. */
  pattern: RegExp;
  remedy: string;
}

/** From the particular to the general: the first that fits names the error. */
const kinds: Kind[] = [
  {
    rule: 'ARCHIVE_VERSION_UNSUPPORTED',
    pattern: /unsupported version \(([\d.]+)\) in file header/,
    remedy: 'Restore with the pg_restore of the PostgreSQL that took the dump, or of a newer one.',
  },
  {
    rule: 'ARCHIVE_NOT_RECOGNISED',
    pattern: /does not appear to be a valid archive|input file is too short|did not find magic string/,
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
    remedy: 'A file of the archive is missing or cut: copy all of them again from off-host storage, and compare sizes.',
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
      'Sessions of a restore have no timeouts, and nobody else ends them: look in the dump for what sets one, or calls pg_terminate_backend.',
  },
  {
    rule: 'ROLE_MISSING',
    pattern: /role "((?:[^"]|"")+)" does not exist/,
    remedy: 'Restore the roles first: pg_dumpall --globals-only writes them.',
  },
  {
    rule: 'EXTENSION_MISSING',
    pattern:
      /extension "([^"]+)" is not available|could not open extension control file "[^"]*\/([^/"]+)\.control"|extension "([^"]+)" does not exist/,
    remedy: 'Install the package of the extension on the server that is restored to.',
  },
  {
    rule: 'EXTENSION_VERSION_MISSING',
    pattern: /extension "([^"]+)" has no installation script/,
    remedy: 'Install the version of the extension that the source runs.',
  },
  {
    rule: 'EXTENSION_NOT_PERMITTED',
    pattern: /permission denied to create extension "([^"]+)"|must be owner of extension "?([^"\s]+)/,
    remedy: 'Name the extension under "extensions" in the profile: a superuser then creates it before the restore.',
  },
  {
    rule: 'SETTING_UNKNOWN',
    pattern: /unrecognized configuration parameter "([^"]+)"/,
    remedy: 'The dump was taken for a newer PostgreSQL: restore into that version, or dump with the older pg_dump.',
  },
  {
    rule: 'TABLESPACE_MISSING',
    pattern: /tablespace "([^"]+)" does not exist/,
    remedy: 'Create the tablespace first, or restore with --no-tablespaces.',
  },
  {
    rule: 'LOCALE_MISSING',
    pattern:
      /invalid locale name: "([^"]+)"|could not create locale "([^"]+)"|collation "([^"]+)" .*does not exist|no (?:libc|ICU) locale/,
    remedy: 'Install the locale on the server that is restored to.',
  },
  {
    rule: 'ENCODING_MISMATCH',
    pattern: /has no equivalent in encoding "([^"]+)"|invalid byte sequence for encoding "([^"]+)"/,
    remedy: 'Create the database with the encoding of the source: pg_dump --create writes the statement.',
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
    remedy: 'The source holds NULLs in spite of its constraint: mend the rows there.',
  },
  {
    rule: 'OBJECT_EXISTS',
    pattern: /(?:relation|function|type|schema|trigger|role|operator|constraint)\s"?([^"\s]+)"? .*already exists/,
    remedy: 'Restore into an empty database: see whether template1 is empty.',
  },
  {
    rule: 'FUNCTION_NOT_FOUND',
    pattern: /function ([^\s(]+\([^)]*\)) does not exist/,
    remedy:
      'pg_restore works with an empty search_path: qualify names inside of functions, or give them SET search_path.',
  },
  {
    rule: 'RELATION_NOT_FOUND',
    pattern: /relation "([^"]+)" does not exist/,
    remedy:
      'pg_restore works with an empty search_path: qualify names inside of functions, or give them SET search_path.',
  },
  {
    rule: 'TYPE_NOT_FOUND',
    pattern: /type "([^"]+)" does not exist/,
    remedy:
      'The type belongs to an extension or schema that the dump does not hold, or a function leaves its schema out.',
  },
  {
    rule: 'STATEMENT_INVALID',
    pattern:
      /syntax error at or near|unterminated (?:quoted|dollar-quoted)|invalid message format|invalid byte sequence/,
    remedy:
      'Bytes of the archive have changed, for pg_dump writes no such SQL: check the archive against its checksum.',
  },
  {
    rule: 'PERMISSION_DENIED',
    pattern:
      /permission denied(?: for \w+ ("?[^"\s]+"?))?|must be (?:owner of \w+|member of role|able to SET ROLE) "?([^"\s]+)|must be superuser|[Oo]nly superusers?|access to library "([^"]+)" is not allowed/,
    remedy:
      'Restore with the role that the runbook names, and see in the log what it may not do. What takes a superuser needs ' +
      'restoreAs: "superuser" in the profile: then the code of the archive has all rights of the disposable server.',
  },
];

const unknown = {
  rule: 'RESTORE_FAILED',
  remedy: 'The log of pg_restore is beside the evidence; mend its first error and rehearse again.',
};

/**
 * The errors in what pg_restore printed, in their order. Pure.
 * @param log standard error of pg_restore or psql, in English
 */
export function classifyRestoreErrors(log: string): RestoreError[] {
  return errorLines(log).map(classify);
}

/** `pg_restore: error: …` or `psql:<stdin>:12: ERROR: …`; the line on how many were ignored counts those before it. */
function errorLines(log: string): string[] {
  return log
    .split('\n')
    .filter((line) =>
      /^(?:pg_restore: (?:error|fatal): |psql:<stdin>:\d+: (?:ERROR|error|FATAL|PANIC):|psql: error: )/.test(line),
    );
}

function classify(message: string): RestoreError {
  for (const { rule, pattern, remedy } of kinds) {
    const match = pattern.exec(message);
    if (match === null) continue;
    const object = match.slice(1).find(Boolean);
    return { rule, object: object ?? 'archive', message, remedy };
  }
  return { ...unknown, object: 'archive', message };
}
