import type { DumpCut } from '../../postgres/plain-dump-reader.ts';
import type { BackupFinding } from './backup-finding.ts';

/** That the SQL of a dump ends too early. Pure. */
export function cutFinding(what: string, { line, reason }: DumpCut): BackupFinding {
  return {
    rule: 'ARCHIVE_TRUNCATED',
    message: `The ${what} ends in line ${line}, ${reason}: it is not complete.`,
    remedy:
      'See whether pg_dump was ended before it was done, or its disk was full; otherwise copy the dump again from off-host storage, and compare sizes.',
  };
}
