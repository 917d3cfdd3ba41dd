import { WorkProgress, type WorkSeen } from '../../postgres/work-progress.ts';
import type { RecoveryRequest } from '../../recovery/request.ts';
import { rowsByTable } from '../../snapshot/rows-by-table.ts';
import { say } from '../say.ts';
import { withProgress } from '../with-progress.ts';

/** Shows how far the dump has been read while it is restored, and what the server is at. */
export async function restoreWithProgress<Restored>(
  request: RecoveryRequest,
  restore: (request: RecoveryRequest) => Promise<Restored>,
): Promise<Restored> {
  const { dump, examination } = request.backup;
  const total = dump.seal?.sizeBytes ?? examination.sizeBytes;
  const { manifest } = examination;
  const progress = new WorkProgress(manifest === null ? new Map() : rowsByTable(manifest.snapshot));
  const seen: WorkSeen = { bytes: null, activity: [] };
  const describe = (latest: WorkSeen | null) => {
    const line = latest === null ? null : progress.describe(latest, performance.now());
    return line === null ? null : `  ${line}`;
  };
  return await withProgress<WorkSeen, Restored>(describe, ({ report, clear }) => {
    const sayBelow = (what: string) => {
      clear();
      say(what);
    };
    let isRead = false;
    const onProgress = (done: number) => {
      seen.bytes = { done, total };
      if (done >= total && !isRead) {
        isRead = true;
        sayBelow('the dump is read; indexes and constraints are being built');
      }
      report(seen);
    };
    const onActivity = (activity: WorkSeen['activity']) => {
      seen.activity = activity;
      report(seen);
    };
    return restore({ ...request, say: sayBelow, onProgress, onActivity });
  });
}
