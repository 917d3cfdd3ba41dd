import type { ErrorCode } from '../../system/operational-error.ts';

/** Codes that a stage of a night ends with, beside those of the stage's own errors. */
type NightCode = 'NOT_VERIFIED' | 'NOT_REHEARSED' | 'NOT_PRUNED';

/** What is to be said of a code that a step or a command ends with: [what it means, what to do]. The message itself says which and why. */
export const errorCodes: Readonly<Record<ErrorCode | NightCode, readonly [meaning: string, remedy: string]>> = {
  BAD_USAGE: ['A flag, a name or a value is not one that the command takes.', 'See `--help` of the command.'],
  PROFILE_INVALID: [
    'The profile cannot be read, or says something that it may not.',
    'Mend the line that the message names; [profile.md](profile.md) has every key.',
  ],
  SEED_MISSING: ['A file of `seed` is not there.', 'Mend its path, which is relative to the profile.'],
  SEED_FAILED: ['The SQL of `seed` ended with an error.', 'Mend the statement that the message names.'],
  NO_ENGINE: [
    'No disposable server can be started here: neither Docker nor programs of PostgreSQL work.',
    '`doctor` says for each what is missing, and the command that mends it.',
  ],
  SERVER_NOT_STARTED: ['The disposable server did not start.', 'Its last lines are in the message.'],
  SETTINGS_NOT_RECORDED: [
    '`--faithful` asks for the settings of production, and nothing beside the backup says what they were.',
    'Take a backup with this release (`npm run backup`), whose manifest records them, or rehearse without `--faithful`.',
  ],
  SERVER_TOO_OLD: [
    'The disposable server is older than the one that the dump is from.',
    'Name a newer image in `postgres.image`, or install newer programs.',
  ],
  NO_NEWER_MAJOR: [
    'An upgrade was to be rehearsed, and no newer PostgreSQL than that of the backup is to be had.',
    'Name one: `upgrade.to` and `upgrade.image` in the profile, `--image`, or `REHEARSAL_PG_BINDIR`. See [versions.md](versions.md).',
  ],
  SERVER_LOST: [
    'A server went away in the middle of the work.',
    'See its log, and its memory and disk; then rehearse again.',
  ],
  SERVER_UNREACHABLE: ['A server cannot be reached from here.', 'See to its address, its port and the network.'],
  NOT_DISPOSABLE: [
    'A step was about to change a server that this run has not started, and was stopped.',
    'This is a fault of this program or of a rehearsal of your own: report it.',
  ],
  SOURCE_NOT_FOUND: [
    'The database or the Compose service to read from is not there.',
    'Mend `--url` or `--compose-service`.',
  ],
  SOURCE_TOO_OLD: [
    'The source is older than what can be read exactly.',
    'Back it up with pg_dump alone, and rehearse that dump.',
  ],
  SOURCE_NOT_READABLE: [
    'The role may not read all that has to be compared.',
    'Grant it `pg_read_all_data`, or log in as the owner.',
  ],
  SOURCE_CORRUPT: [
    'Bytes of a table of the source are damaged on its disk.',
    'Keep the backups that you have, and see to the disk: no dump of now is whole.',
  ],
  ROW_SECURITY: [
    'Policies hide rows of the source from the role.',
    'Log in as the owner, or as a role with BYPASSRLS.',
  ],
  VALUE_TOO_LARGE: ['A value is larger than can be sent.', 'Split it, or leave its table out with a reason.'],
  INVALID_BYTES: [
    'Text of the source is none in its encoding.',
    'Mend the rows that the message names: no dump of them can be restored.',
  ],
  EXTENSION_MISSING: [
    'The server that restores has not the extension.',
    'Take the image or the package that the message names.',
  ],
  EXTENSION_NOT_CREATED: [
    'An extension of the profile could not be created.',
    'The message has the reason of the server.',
  ],
  LIBRARY_MISSING: ['The server has not a library that the dump names.', 'Use an image that has it.'],
  COMPRESSION_MISSING: ['The server was built without a compression that the dump asks for.', 'Use another build.'],
  LOCALE_MISSING: ['The server has not the locale of the database.', 'Install it, or use an image that has it.'],
  TIME_ZONE_MISSING: ['The server does not know a time zone of the dump.', 'Install its data of time zones.'],
  TEXT_SEARCH_MISSING: ['The server has not the files of a text search.', 'Copy them into the image.'],
  ACCESS_METHOD_MISSING: [
    'The server has not an access method of the dump.',
    'Use an image with the extension that brings it.',
  ],
  FOREIGN_DATA_UNREACHABLE: [
    'The dump reads from another server, which a disposable one does not reach.',
    'Leave that object out of what is rehearsed, with a reason.',
  ],
  BACKUP_NOT_FOUND: ['There is nothing where `--backup` says.', 'Mend the path; the message says what lies near it.'],
  NO_BACKUP: ['There is no backup to rehearse.', 'Take one with `backup`.'],
  BACKUP_CHANGED: ['Somebody wrote to the backup while it was read.', 'Rehearse when the job that writes it is over.'],
  BACKUP_NOT_FETCHED: [
    'The backup could not be fetched from where it is.',
    'See to credentials and network; the message has the reason.',
  ],
  DECRYPTION_KEY_NOT_USABLE: [
    'No key that was named opens the backup, or it cannot be read.',
    'Find the key now: a backup whose key is lost is none.',
  ],
  MANIFEST_TOO_NEW: ['A newer release has written the manifest.', 'Update this program.'],
  LOGIN_REFUSED: ['The server refuses the login.', 'See to user, password and pg_hba.conf.'],
  POOLER_IN_BETWEEN: ['A pooler in transaction mode stands before the server.', 'Name the server itself.'],
  SOURCE_LOCKED: ['A table of the source was locked for too long.', 'Back up when no migration is at work.'],
  SOURCE_TIMED_OUT: ['The source did not answer in time.', 'See what keeps it busy, and its statement_timeout.'],
  LOCKS_EXHAUSTED: ['The server has no room for one more lock.', 'Raise max_locks_per_transaction.'],
  CONNECTION_LOST: ['A connection broke.', 'See to the network and to the log of the server.'],
  WRITES_FAILED: ['The writers of `live-writes` could not write.', 'Mend `writes` in the profile.'],
  SCHEMA_NOT_READ: ['The definitions of a database could not be read.', 'The message has what pg_dump said.'],
  DUMP_FAILED: ['pg_dump ended with an error.', 'The message has what it said.'],
  BACKUP_NOT_WRITTEN: [
    'The backup could not be written.',
    'See to the directory and its disk. Nothing half-written is left.',
  ],
  OFFSITE_NOT_CONFIGURED: ['The profile says no place off-host.', 'Name one with `backups.offsite`.'],
  OFFSITE_REFUSED: ['The place off-host refuses the account.', 'See to its credentials and rights.'],
  OFFSITE_UNREACHABLE: ['The place off-host cannot be reached.', 'See to the network and to the remote of rclone.'],
  OFFSITE_FAILED: [
    'rclone could not do its work off-host.',
    'The message has what it said; make it work there by hand.',
  ],
  OFFSITE_UNDECRYPTABLE: [
    'A copy off-host cannot be decrypted.',
    'See whether the remote has the password of the copies.',
  ],
  OFFSITE_BUSY: ['Another `offsite` is at work.', 'Wait for it.'],
  PLAN_INVALID: [
    'A file is no plan, or was changed after it was written.',
    'Write it anew with `plan`, and give the same file to every shard. See [fleet.md](fleet.md).',
  ],
  PLAN_TOO_OLD: [
    'A plan that was to be merged is older than `--within` allows: nothing was rehearsed since.',
    'See why the jobs that rehearse were not started. See [kubernetes.md](kubernetes.md).',
  ],
  PART_REFUSED: [
    'A part that was to be merged is of another plan, or is not as it was written.',
    'Merge parts of one plan only, as their shards have left them. See [fleet.md](fleet.md).',
  ],
  TARGET_NOT_MARKED: [
    'The server that `--target` names has no marker, or one of another server.',
    'Name the right server, or have an administrator of it set the marker that the message shows. See [target.md](target.md).',
  ],
  TARGET_REFUSED: [
    'The server that `--target` names is not one for rehearsals: it is the source, a standby, or has databases that its marker does not name.',
    'Name another server, or name those databases in its marker.',
  ],
  TARGET_OCCUPIED: [
    'The target has a database or a role already that the rehearsal would make.',
    'Rename it there, use another target, or leave owners out (`ownership: "runbook"`).',
  ],
  TARGET_BUSY: ['Another rehearsal is at work on the target.', 'Start again later, or use another target.'],
  TARGET_CANNOT: [
    'The rehearsal takes a server that was started for it.',
    'Leave `--target` out for it: see [target.md](target.md).',
  ],
  NIGHT_BUSY: ['Another `nightly` of this database is at work.', 'Wait for it, or leave more time between two.'],
  RESTORE_FAILED: ['The restore ended for a reason that is not the backup’s.', 'The message has the reason.'],
  NOT_PERMITTED: ['The role may not do what a restore takes.', 'Log in with one that may.'],
  DATABASE_NAME_TAKEN: ['There is a database of that name already.', 'Choose another, or drop it yourself.'],
  SWITCH_FAILED: ['The names of two databases could not be exchanged.', 'The message says which name each has now.'],
  RIGHTS_DIFFER: [
    'The restored database would give other rights than the live one.',
    'See the list in the message first.',
  ],
  NOTHING_KEPT: ['There is no database to go back to.', '`restore --list` shows what there is.'],
  TOOL_NOT_STARTED: ['A program could not be started.', 'Install it; `doctor` names the package.'],
  TOOL_KILLED: ['A program was killed from outside.', 'See whether memory ran out.'],
  TOOL_CRASHED: ['A program crashed.', 'See the message, and its version.'],
  TOOL_TIMED_OUT: ['A program did not end in time.', 'See what it waits for.'],
  TOOL_TOO_OLD: ['A program is older than the server or the dump.', 'Install the version that the message names.'],
  DISK_FULL: ['A disk is full.', 'Make room, or set TMPDIR to a larger one.'],
  DISK_TOO_SMALL: ['What is to be restored does not fit on the disk.', 'The message has the figures.'],
  DISK_NOT_SEEN: [
    'The room on the disk of the server cannot be seen.',
    'See to it yourself, and say so with the flag that the message names.',
  ],
  APPLICATION_NOT_STARTED: ['The application could not be started.', 'See `app` in the profile.'],
  APPLICATION_WITHOUT_DATABASE: [
    'The application does not work even on data that was seeded, so the backup is not to blame.',
    'See `app.env` in the profile.',
  ],
  APPLICATION_EXITED: ['The application ended by itself.', 'Its last lines are in the message.'],
  APPLICATION_UNREACHABLE: ['Nothing listens where the application should.', 'See `app.port`, and that it takes PORT.'],
  APPLICATION_HANGS: ['The application takes a request and does not finish its answer.', 'See its last lines.'],
  APPLICATION_NOT_HEALTHY: [
    'The health check did not answer as it should, in time.',
    'See `app.health` in the profile.',
  ],
  HEALTH_BODY_MISMATCH: ['The health check answers something else than the profile expects.', 'See `app.health.json`.'],
  PROBE_FAILED: ['A request of `app.probes` was answered wrongly.', 'See the answer in the message.'],
  EVIDENCE_NOT_WRITTEN: ['Evidence could not be written.', 'See to the directory of reports and its disk.'],
  KEY_NOT_WRITTEN: ['A key could not be written.', 'See to the directory.'],
  NOT_WRITTEN: ['A file could not be written.', 'See to its directory.'],
  NOTHING_FOUND: ['`init` found nothing to make a profile of.', 'Name the database with `--url`, or a dump.'],
  KEY_NOT_USABLE: ['The key for signing cannot be used.', 'See REHEARSAL_SIGNING_KEY_FILE.'],
  LEDGER_BROKEN: ['The ledger is not as it was written.', '`evidence verify` says which line, and what to do.'],
  FAULTS_NOT_TRIED: ['A fault could not be tried.', 'The message says which and why.'],
  ORACLES_DISAGREE: ['Two ways of comparing say different things.', 'This is a fault of this program: report it.'],
  LEFT_BEHIND: ['Something that was started could not be removed.', '`doctor --clean` tries again.'],
  INTERRUPTED: ['A signal ended it.', 'Start it again.'],
  INTERNAL: ['A fault of this program.', 'Report it, with the message.'],
  NOT_VERIFIED: ['The rehearsal of a night is not verified.', 'Its own evidence has the findings.'],
  NOT_REHEARSED: ['The backup of a night was not rehearsed.', 'The evidence of its rehearsal says why.'],
  NOT_PRUNED: [
    'Something that may go was kept.',
    'Its copy is gone, has changed or cannot be looked at: run `offsite`.',
  ],
};
