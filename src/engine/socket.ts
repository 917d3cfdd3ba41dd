import { join } from 'node:path';
import { RehearsalError } from '../rehearsal-error.ts';

/** The port of a server without TCP only names its socket. */
export const postgresPort = 5432;

/** Size of `sun_path` without the byte that ends it. */
const longestPathBytes = process.platform === 'linux' ? 107 : 103;

/** Path of the Unix socket that a server keeps in a directory. */
export function socketPath(directory: string): string {
  return join(directory, `.s.PGSQL.${postgresPort}`);
}

/** @throws RehearsalError SERVER_NOT_STARTED where the path of a server's socket would be too long for the system */
export function assertSocketPathFits(directory: string): void {
  const path = socketPath(directory);
  const bytes = Buffer.byteLength(path);
  if (bytes <= longestPathBytes) return;
  throw new RehearsalError(
    'SERVER_NOT_STARTED',
    `The path of the server's Unix socket has ${bytes} bytes, and the system takes at most ${longestPathBytes}: ${path}. Set TMPDIR to a shorter directory, for example TMPDIR=/tmp, and start again.`,
  );
}
