import type { Connection } from '../postgres/connection.ts';
import { describeAddress } from '../source/database-url.ts';

/** How a server is reached, as far as people have to know it. */
export interface Way {
  /** Where it is, without a password. */
  description: string;
  /** Where a password is looked for. */
  passwordFrom: string;
  /** How a line of its pg_hba.conf starts that is about our sessions. */
  hbaLine: string;
  /** What starts psql there; null where this machine's own reaches it. */
  psql: string | null;
  /** What was opened on the way. */
  close(): Promise<void>;
}

/** The way to a server by its address. */
export function directWay(admin: Connection): Way {
  return {
    description: describeAddress(admin),
    passwordFrom: 'PGPASSWORD or ~/.pgpass',
    hbaLine: admin.host.startsWith('/') ? 'local all all' : 'host all all ADDRESS',
    psql: null,
    close: () => Promise.resolve(),
  };
}
