import { notACertificate } from '../../controls.ts';
import type { Evidence } from '../../schema.ts';
import { Badge } from '../badge.tsx';
import { Table } from '../table.tsx';

/** Which clauses of which frameworks this evidence speaks for, and which it does not, and why. */
export function Controls({ controls }: Pick<Evidence, 'controls'>) {
  return (
    <>
      <p>{notACertificate}</p>
      <Table
        isStacked
        label="Controls"
        head={[
          { name: 'Clause' },
          { name: 'This evidence' },
          { name: 'Asks that' },
          { name: 'By these checks, or why not' },
        ]}
        rows={controls.map(({ framework, clause, title, status, checks, reason }) => [
          `${framework} ${clause}`,
          status === 'supported' ? (
            <Badge state="passed" text="supports" />
          ) : (
            <Badge state="not-run" text="does not support" />
          ),
          title,
          reason ?? checks.join(', '),
        ])}
      />
    </>
  );
}
