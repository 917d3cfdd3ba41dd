import type { RuleTexts } from './rule.ts';

/** Of a dump before it is restored: what it is, what is around it, what is not in it. */
export const dumpRules = {
  ARCHIVE_TRUNCATED: [
    'The dump ends too early.',
    'pg_dump or a copy was interrupted, or the disk was full.',
    'Use another backup, and let the job check the status of pg_dump and of each copy.',
  ],
  ARCHIVE_CORRUPT: [
    'Bytes of the dump have changed: it cannot be read to its end.',
    'A failing disk, a program in between, or a copy in text mode.',
    'Copy it again from where it was made, or use another backup.',
  ],
  ARCHIVE_EMPTY: [
    'There is nothing in the file.',
    'pg_dump failed, and its empty output was kept.',
    'Let the job check the status of pg_dump (`set -o pipefail`), and use another backup.',
  ],
  ARCHIVE_ENCRYPTED: [
    'The file is encrypted, and cannot be decrypted here.',
    'The key is not here, or nothing says where it is.',
    'Decrypt it, or give the key as the message says. A backup whose key is lost is no backup.',
  ],
  DECRYPTION_KEY_WRONG: [
    'The file is encrypted for another key than those that were given.',
    'Keys were changed, or the backup is of another system.',
    'Find the key that it was encrypted to, or encrypt the next backups to a key that you have. Without its key, this backup is lost.',
  ],
  DECRYPTION_FAILED: [
    'The program of `backups.decrypt.command` could not open the file.',
    'The key or the options are others than those that it was encrypted with, or its bytes have changed.',
    'Run the program by hand with the same file and the same key.',
  ],
  ARCHIVE_NOT_RECOGNISED: [
    'The file is no dump. The message says what it is instead.',
    'The wrong file, a page of an error, or an error of pg_dump in place of its output.',
    'Name the dump itself, and see how the file was made.',
  ],
  ARCHIVE_VERSION_UNSUPPORTED: [
    'The archive is of a newer pg_dump than the pg_restore here can read.',
    'The programs here are older than those that take backups.',
    'Use an image or programs of the version that the message names.',
  ],
  SERVER_OLDER_THAN_BACKUP: [
    'The server is older than the one that the backup was taken from.',
    'A dump is restored into the same or a newer major version only.',
    'Restore into a server of the version that the message names.',
  ],
  SERVER_OF_ANOTHER_MAJOR: [
    'The disposable server is of a newer major version than the backup.',
    'Programs or an image of its own version are not here.',
    'Install them, or name an image with `--image`, to rehearse with the version that production has.',
  ],
  DUMP_PACKED: [
    'The dump is packed with a program that a restore needs, too.',
    'The backup job compresses or archives it.',
    'See that this program is on the machine that you will restore on.',
  ],
  DUMP_PACKED_TWICE: [
    'The dump is compressed twice.',
    'The job compresses what pg_dump has compressed already.',
    'Leave out one of the two: it saves time.',
  ],
  DUMP_WITH_TRAILING_BYTES: [
    'Something stands behind the end of the dump.',
    'A job appends to its file, or two outputs were mixed. psql takes it for statements.',
    'Let the job write each dump into a new file.',
  ],
  DUMP_LINE_ENDS: [
    'Plain SQL with line ends of Windows (CRLF).',
    'A copy in text mode, an editor, or git.',
    'Copy in binary mode. A warning where that could be undone; an error where some lines have it and others not.',
  ],
  DUMP_IN_UTF16: [
    'The dump is written as UTF-16.',
    'PowerShell’s `>` has changed it.',
    'Use `pg_dump --file`. Plain SQL can be read all the same; an archive is lost.',
  ],
  DUMP_BEHIND_TEXT: [
    'Text stands before the dump: a banner, a warning, or a byte order mark.',
    'A login shell or a program in between prints it.',
    'Keep the standard output of the job for pg_dump alone.',
  ],
  DUMP_THROUGH_TERMINAL: [
    'A terminal has changed the bytes of the archive.',
    '`docker exec -t` or `docker compose exec` without `-T`.',
    'Leave out `-t`, or add `-T`. This dump is lost.',
  ],
  DUMP_TAKEN_FOR_TEXT: [
    'A program has read the archive as characters and written it as UTF-8.',
    'A script or an upload handles the file as text.',
    'Handle it as bytes. This dump is lost.',
  ],
  DUMPED_TWICE: [
    'Several dumps stand in one file.',
    'The job appends (`>>`) in place of replacing.',
    'Let it write into a new file each time.',
  ],
  DUMP_IN_PARTS: [
    'The file is one part of a dump that was split.',
    '`split`, or a limit of the store.',
    'Put the parts together with `cat`, as the message says, and rehearse that.',
  ],
  DUMP_OF_CLUSTER: [
    'It is the output of pg_dumpall, with several databases.',
    'The job dumps the whole cluster.',
    'Dump each database with pg_dump, and the roles with `pg_dumpall --globals-only`.',
  ],
  DUMP_WITH_META_COMMANDS: [
    'The dump holds commands of psql that can run programs or read files.',
    'It was edited, or comes from somebody who wants that.',
    'Look at the lines that the message names. A dump of pg_dump has none of them.',
  ],
  DUMP_WITHOUT_DEFINITIONS: [
    'The dump has rows, and no definitions.',
    'pg_dump was told `--data-only`.',
    'Dump without it: nothing is left after a loss but the dump.',
  ],
  DUMP_WITHOUT_ROWS: [
    'The dump has definitions, and no rows.',
    'pg_dump was told `--schema-only`.',
    'Dump without it.',
  ],
  POST_DATA_MISSING: [
    'The dump defines tables, and not one key, index, constraint or trigger of them.',
    'Its section post-data was left out, or the source has none.',
    'Dump all sections, or tolerate it with a reason where the source has none.',
  ],
  TABLE_DATA_MISSING: [
    'A table came without its rows.',
    '`--exclude-table-data`, a damaged dump, or an unlogged table of a standby.',
    'Dump it with its rows, or tolerate it with a reason.',
  ],
  MATERIALIZED_VIEW_DATA_MISSING: [
    'A materialised view came without its rows.',
    'It was not filled at the source, or its refresh was left out of the dump.',
    'Refresh it after a restore, or tolerate it with a reason.',
  ],
  SEQUENCE_POSITION_MISSING: [
    'The dump does not say where a sequence stands.',
    'Its data was left out.',
    'Dump it with its data: the next value would be one that is taken already.',
  ],
  ROWS_BEHIND_ROW_SECURITY: [
    'Rows that policies hide from the dumping role are not in the dump.',
    'pg_dump was told `--enable-row-security`.',
    'Dump without it, as a role that policies do not bind (`BYPASSRLS`).',
  ],
  ROW_SECURITY_NOT_KNOWN: [
    'Tables have policies, and an archive does not say whether they hid rows from the dumping role.',
    'There is no manifest to compare with.',
    'Take backups with `backup`, whose manifest counts the rows.',
  ],
} as const satisfies RuleTexts;
