import type { RecoveryRequest } from '../../recovery/request.ts';
import { formatBytes } from '../../terminal/format-bytes.ts';
import { say } from '../say.ts';
import { withProgress } from '../with-progress.ts';

/** Shows how far the dump has been read while it is restored. */
export async function restoreWithProgress<Restored>(
  request: RecoveryRequest,
  restore: (request: RecoveryRequest) => Promise<Restored>,
): Promise<Restored> {
  const { dump, examination } = request.backup;
  const sizeBytes = dump.seal?.sizeBytes ?? examination.sizeBytes;
  const describe = (readBytes: number | null) => {
    if (readBytes === null) return null;
    const percent = Math.floor((readBytes / Math.max(sizeBytes, 1)) * 100);
    return `  ${formatBytes(readBytes)} of ${formatBytes(sizeBytes)} read, ${percent} %`;
  };
  return await withProgress<number, Restored>(describe, ({ report, clear }) => {
    const sayBelow = (what: string) => {
      clear();
      say(what);
    };
    const onProgress = (bytes: number) => {
      if (bytes < sizeBytes) report(bytes);
      else sayBelow('the dump is read; indexes and constraints are being built');
    };
    return restore({ ...request, say: sayBelow, onProgress });
  });
}
