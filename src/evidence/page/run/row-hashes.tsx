import type { Evidence } from '../../schema.ts';
import { Badge } from '../badge.tsx';
import { Table } from '../table.tsx';
import { Commands, quoteForShell } from './commands.tsx';

const shown = 20;

/** Hashes of the rows of each table, and how to have one of them again. */
export function RowHashes({ environment, tables }: NonNullable<Evidence['rowHashes']>) {
  const example = tables.find(({ ofDump, ofDatabase }) => ofDump !== null && ofDatabase !== null);
  return (
    <>
      <Table
        label="Rows, byte by byte"
        head={[{ name: 'Table' }, { name: 'Rows', isNumber: true }, { name: 'Restored' }, { name: 'SHA-256' }]}
        rows={tables
          .slice(0, shown)
          .map(({ table, rows, outcome, reason, sha256 }) => [
            <bdi>{table}</bdi>,
            rows,
            <Badge state={outcome} text={reason === null ? outcome : `${outcome}: ${reason}`} />,
            <code class="hash">{sha256}</code>,
          ])}
      />
      {tables.length > shown && <p>{tables.length - shown} more are in evidence.json.</p>}
      {example !== undefined && (
        <>
          <p>
            To have the hash of <bdi>{example.table}</bdi> again, from the dump and from a database that it is restored
            into (evidence.json has the commands for every table):
          </p>
          <Commands
            label="Commands for a hash"
            lines={[
              example.ofDump ?? '',
              ...Object.entries(environment).map(([name, value]) => `export ${name}=${quoteForShell(value)}`),
              example.ofDatabase ?? '',
            ]}
          />
        </>
      )}
    </>
  );
}
