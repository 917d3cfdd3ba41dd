import { join } from 'node:path';
import { OperationalError } from '../system/operational-error.ts';

/** The port of a server without TCP only names its socket. */
export const postgresPort = 5432;

/** Size of `sun_path` without the byte that ends it. */
const longestPathBytes = process.platform === 'linux' ? 107 : 103;

/** Path of the Unix socket that a server keeps in a directory. */
export function socketPath(directory: string): string {
  return join(directory, `.s.PGSQL.${postgresPort}`);
}

/** Whether the system takes the path of the socket that a server would keep in a directory. */
export function socketPathFits(directory: string): boolean {
  return Buffer.byteLength(socketPath(directory)) <= longestPathBytes;
}

/** @throws OperationalError SERVER_NOT_STARTED where the path of a server's socket would be too long for the system */
export function assertSocketPathFits(directory: string): void {
  if (socketPathFits(directory)) return;
  const path = socketPath(directory);
  throw new OperationalError(
    'SERVER_NOT_STARTED',
    `The path of the server's Unix socket has ${Buffer.byteLength(path)} bytes, and the system takes at most ${longestPathBytes}: ${path}. Set TMPDIR to a shorter directory, for example TMPDIR=/tmp, and start again.`,
  );
}
