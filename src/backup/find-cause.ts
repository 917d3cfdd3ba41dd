import type pg from 'pg';
import { disconnect } from '../postgres/connection.ts';
import { connectToSource } from '../postgres/source.ts';
import { UnreadableTable } from '../postgres/source-faults.ts';
import { findUnreadableColumns } from '../snapshot/unreadable-columns.ts';
import type { SourceServer } from '../source/source-server.ts';
import { OperationalError, type ErrorCode } from '../system/operational-error.ts';
import { describeHolders } from './lock-holders.ts';

/**
 * Asks a source that could not be read for more than it said by itself: who holds the lock, which column holds the value.
 * Never rejects: what cannot be found out leaves the error as it is.
 * @returns the error, or one that says more
 */
export async function findCause({ connection }: SourceServer, error: unknown): Promise<unknown> {
  if (!(error instanceof OperationalError)) return error;
  const ask = questions[error.code];
  if (ask === undefined) return error;
  try {
    const client = await connectToSource(connection, { timeoutMs: questionTimeoutMs, lockTimeoutMs: 1000 });
    try {
      const answer = await ask(client, error);
      const table = error instanceof UnreadableTable ? error.table : null;
      return answer === null
        ? error
        : new UnreadableTable(error.code, `${error.message} ${answer}`, table, { cause: error });
    } finally {
      await disconnect(client);
    }
  } catch {
    return error;
  }
}

/** For a table of many rows, of which each column is read. */
const questionTimeoutMs = 60_000;

type Question = (client: pg.Client, error: OperationalError) => Promise<string | null>;

const questions: Partial<Record<ErrorCode, Question>> = {
  SOURCE_LOCKED: describeHolders,
  VALUE_TOO_LARGE: nameColumns,
  SOURCE_CORRUPT: nameColumns,
};

async function nameColumns(client: pg.Client, error: OperationalError): Promise<string | null> {
  if (!(error instanceof UnreadableTable) || error.table === null) return null;
  const { table, columns } = (await findUnreadableColumns(client, error.table)) ?? { table: '', columns: [] };
  if (columns.length === 0) return null;
  return `It is in ${columns.length === 1 ? 'the column' : 'the columns'} ${columns.map((column) => `${table}.${column}`).join(', ')}.`;
}
