import pg from 'pg';
import { findSourceFault, UnreadableTable } from '../postgres/source-faults.ts';
import { withoutRows } from '../system/without-rows.ts';

/** Why rows of a table could not be read, with its name; what says nothing of the table is given back as it is. Pure. */
export function explainReadError(error: unknown, table: string, role = ''): unknown {
  if (!(error instanceof pg.DatabaseError)) return error;
  const failed = `The rows of the table ${table} cannot be read: ${withoutRows(error.message).replace(/\.$/, '')}`;
  const fault = findSourceFault(`${error.message}\n${error.detail ?? ''}`, { table, role });
  if (fault !== null) return new UnreadableTable(fault.code, `${failed}. ${fault.next}`, table, { cause: error });
  if (error.code === lockNotAvailable) {
    const message = `The table ${table} is locked by another session, and was not released in time. Start again later.`;
    return new UnreadableTable('SOURCE_LOCKED', message, table, { cause: error });
  }
  if (!ofObjects.test(error.code ?? '')) return error;
  const next = [
    error.where,
    'See which index, statistics or function of the table needs it, and write its schema there.',
  ];
  const message = `${failed}. ${next.filter(Boolean).join('. ')}`;
  return new UnreadableTable('SOURCE_NOT_READABLE', message, table, { cause: error });
}

const lockNotAvailable = '55P03';

/** Of SQLSTATE: something is not defined. */
const ofObjects = /^(?:42|3F)/;
