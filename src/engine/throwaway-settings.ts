/**
 * Settings for a server whose data nobody will miss. They are recorded in the evidence, for times measured on such a
 * server are not those of a production server.
 */
export const throwawaySettings: Readonly<Record<string, string>> = {
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

export function serverArguments(settings: Readonly<Record<string, string>>): string[] {
  return Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}
