/** Every way in which a rehearsal cannot be run for a reason that is not the backup's. Findings name the backup's own reasons. */
export type ErrorCode =
  | 'BAD_USAGE'
  | 'PROFILE_INVALID'
  | 'SEED_MISSING'
  | 'SEED_FAILED'
  | 'NO_ENGINE'
  | 'SERVER_NOT_STARTED'
  | 'SERVER_TOO_OLD'
  | 'SERVER_LOST'
  | 'NOT_DISPOSABLE'
  | 'SOURCE_NOT_FOUND'
  | 'SOURCE_TOO_OLD'
  | 'SOURCE_NOT_READABLE'
  | 'BACKUP_NOT_FOUND'
  | 'BACKUP_CHANGED'
  | 'MANIFEST_TOO_NEW'
  | 'LOGIN_REFUSED'
  | 'POOLER_IN_BETWEEN'
  | 'SOURCE_LOCKED'
  | 'SOURCE_TIMED_OUT'
  | 'LOCKS_EXHAUSTED'
  | 'CONNECTION_LOST'
  | 'WRITES_FAILED'
  | 'SCHEMA_NOT_READ'
  | 'DUMP_FAILED'
  | 'BACKUP_NOT_WRITTEN'
  | 'OFFSITE_NOT_CONFIGURED'
  | 'OFFSITE_REFUSED'
  | 'OFFSITE_UNREACHABLE'
  | 'OFFSITE_FAILED'
  | 'OFFSITE_UNDECRYPTABLE'
  | 'OFFSITE_BUSY'
  | 'RESTORE_FAILED'
  | 'NOT_PERMITTED'
  | 'DATABASE_NAME_TAKEN'
  | 'SWITCH_FAILED'
  | 'RIGHTS_DIFFER'
  | 'NOTHING_KEPT'
  | 'TOOL_NOT_STARTED'
  | 'TOOL_KILLED'
  | 'TOOL_CRASHED'
  | 'TOOL_TIMED_OUT'
  | 'TOOL_TOO_OLD'
  | 'DISK_FULL'
  | 'APPLICATION_NOT_STARTED'
  | 'APPLICATION_WITHOUT_DATABASE'
  | 'APPLICATION_EXITED'
  | 'APPLICATION_UNREACHABLE'
  | 'APPLICATION_HANGS'
  | 'APPLICATION_NOT_HEALTHY'
  | 'HEALTH_BODY_MISMATCH'
  | 'PROBE_FAILED'
  | 'FAULTS_NOT_TRIED'
  | 'ORACLES_DISAGREE'
  | 'LEFT_BEHIND'
  | 'INTERRUPTED'
  | 'INTERNAL';

/** An error made for a person to read: what happened, to which thing, and the next step. `code` is stable. */
export class OperationalError extends Error {
  override readonly name = 'OperationalError';
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
