/**
 * Settings for a server whose data nobody will miss. They are recorded in the evidence, for times measured on such a
 * server are not those of a production server.
 */
const throwawaySettings: Readonly<Record<string, string>> = {
  // Nothing has to survive a crash.
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  wal_level: 'minimal',
  max_wal_senders: '0',
  // No checkpoint or vacuum in the middle of a measurement.
  max_wal_size: '8GB',
  checkpoint_timeout: '1h',
  autovacuum: 'off',
  maintenance_work_mem: '256MB',
  // The server's log is shown when it fails to start: no statement and no row may stand in it.
  log_min_error_statement: 'panic',
  log_error_verbosity: 'terse',
  log_parameter_max_length_on_error: '0',
};

/**
 * Settings of a server that has to have room for as many objects: whoever compares or dumps a database locks all of it at once,
 * a table, its indexes and what it keeps apart, and each lock takes a place in memory that is set aside at the start.
 * See "Lock Management" in PostgreSQL's documentation: there are this many for each of the connections.
 * @param others settings that count more
 */
export function throwawaySettingsFor(
  objects: number,
  others: Readonly<Record<string, string>> = {},
): Record<string, string> {
  const locks = Math.ceil((objects * locksOfObject) / connections);
  return {
    ...throwawaySettings,
    max_connections: String(connections),
    max_locks_per_transaction: String(Math.max(fewestLocks, locks)),
    ...others,
  };
}

/** Room for the pools of an application, of which production may have more than a server as it is installed takes. */
const connections = 300;
/** Of the snapshot, and of two pg_dump that work meanwhile: for the definitions, and for the dump. */
const locksOfObject = 6;
/** Room for 6,400 objects, in 11 MB. All of it is written when a server starts: three times as much takes 0.1 s longer. */
const fewestLocks = 128;

export function serverArguments(settings: Readonly<Record<string, string>>): string[] {
  return Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

/** What a server has that nobody tunes, where ours has something else. See PostgreSQL's documentation, "Server Configuration". */
export const stockSettings: Readonly<Record<string, string>> = {
  fsync: 'on',
  synchronous_commit: 'on',
  full_page_writes: 'on',
  wal_level: 'replica',
  max_wal_senders: '10',
  max_wal_size: '1GB',
  checkpoint_timeout: '5min',
  autovacuum: 'on',
  maintenance_work_mem: '64MB',
};
