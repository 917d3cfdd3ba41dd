import type { Majors } from '../../snapshot/printed-otherwise.ts';

/** Something that a major version of PostgreSQL took away, or gave another name. */
export interface Removed {
  kind: 'function' | 'setting' | 'extension' | 'column';
  name: string;
  /** Of a column, its view: a word alone says little. */
  of?: string;
  /** The first major without it. */
  since: number;
  /** What takes its place. */
  instead: string;
}

const of = (kind: Removed['kind'], since: number, entries: Record<string, string>): Removed[] =>
  Object.entries(entries).map(([key, instead]) => {
    const [name = '', view] = key.split(' of ');
    return { kind, name, since, instead, ...(view !== undefined && { of: view }) };
  });

const nothing = 'nothing takes its place';

/** What PostgreSQL 14 to 18 removed, by the chapter “Migration to Version” of the release notes of each. */
export const removed: readonly Removed[] = [
  ...of('setting', 14, {
    operator_precedence_warning: nothing,
    vacuum_cleanup_index_scale_factor: nothing,
  }),
  ...of('function', 15, {
    pg_start_backup: 'pg_backup_start()',
    pg_stop_backup: 'pg_backup_stop()',
    pg_backup_start_time: nothing,
    pg_is_in_backup: nothing,
  }),
  ...of('setting', 15, { stats_temp_directory: nothing }),
  ...of('extension', 15, { plpythonu: 'plpython3u', plpython2u: 'plpython3u' }),
  ...of('setting', 16, {
    force_parallel_mode: 'debug_parallel_query',
    promote_trigger_file: 'pg_promote()',
    vacuum_defer_cleanup_age: 'hot_standby_feedback, or replication slots',
  }),
  ...of('setting', 17, {
    db_user_namespace: nothing,
    old_snapshot_threshold: 'transaction_timeout',
    trace_recovery_messages: nothing,
  }),
  ...of('extension', 17, { adminpack: 'functions of the server like pg_read_file()', old_snapshot: nothing }),
  ...of('function', 17, {
    pg_file_write: 'pg_write_file() of an extension, or COPY',
    pg_file_rename: nothing,
    pg_file_unlink: nothing,
    pg_logdir_ls: 'pg_ls_logdir()',
    pg_old_snapshot_time_mapping: nothing,
  }),
  ...of('column', 17, {
    'buffers_backend of pg_stat_bgwriter': 'pg_stat_io',
    'buffers_backend_fsync of pg_stat_bgwriter': 'pg_stat_io',
    'checkpoints_timed of pg_stat_bgwriter': 'num_timed of pg_stat_checkpointer',
    'checkpoints_req of pg_stat_bgwriter': 'num_requested of pg_stat_checkpointer',
    'checkpoint_write_time of pg_stat_bgwriter': 'write_time of pg_stat_checkpointer',
    'checkpoint_sync_time of pg_stat_bgwriter': 'sync_time of pg_stat_checkpointer',
    'buffers_checkpoint of pg_stat_bgwriter': 'buffers_written of pg_stat_checkpointer',
    'max_dead_tuples of pg_stat_progress_vacuum': 'max_dead_tuple_bytes',
    'num_dead_tuples of pg_stat_progress_vacuum': 'num_dead_item_ids',
    'daticulocale of pg_database': 'datlocale',
    'colliculocale of pg_collation': 'colllocale',
  }),
  ...of('column', 18, {
    'wal_write of pg_stat_wal': 'pg_stat_io',
    'wal_sync of pg_stat_wal': 'pg_stat_io',
    'wal_write_time of pg_stat_wal': 'pg_stat_io',
    'wal_sync_time of pg_stat_wal': 'pg_stat_io',
    'op_bytes of pg_stat_io': 'read_bytes, write_bytes, extend_bytes',
    'parent of pg_backend_memory_contexts': 'path',
  }),
];

/** What was removed on the way from one major to another. Pure. */
export function removedBetween({ from, to }: Majors, kind: Removed['kind']): Removed[] {
  return removed.filter((each) => each.kind === kind && from < each.since && each.since <= to);
}

/** `it was removed in PostgreSQL 17; in its place: pg_ls_logdir()`. Pure. */
export function describeRemoved({ since, instead }: Removed): string {
  return `it was removed in PostgreSQL ${since}${instead === nothing ? '' : `; in its place: ${instead}`}`;
}

const quotedOrComment = /--[^\n]*|\/\*[^]*?\*\/|E?'(?:[^'\\]|''|\\[^])*'|"(?:[^"]|"")*"/g;

/** What code of a function uses of what was removed, as far as it can be read: not what it puts together at run time. Pure. */
export function findRemovedIn(code: string, majors: Majors): Removed[] {
  const bare = code.replaceAll(quotedOrComment, ' ');
  const has = (word: string, behind = '') =>
    new RegExp(String.raw`(?<![\w$])${word}(?![\w$])${behind}`, 'i').test(bare);
  return [
    ...removedBetween(majors, 'function').filter(({ name }) => has(name, String.raw`\s*\(`)),
    ...removedBetween(majors, 'setting').filter(({ name }) => has(name)),
    ...removedBetween(majors, 'column').filter(({ name, of: view = '' }) => has(view) && has(name)),
  ];
}
