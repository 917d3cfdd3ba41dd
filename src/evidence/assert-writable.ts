import { rm } from 'node:fs/promises';
import { draftPath } from '../system/drafts.ts';
import { writeSynced } from '../system/durable.ts';
import { makeDirectories } from '../system/make-directory.ts';
import { OperationalError } from '../system/operational-error.ts';

/**
 * Makes the directory for evidence, and writes into it: a rehearsal whose evidence cannot be written says so before its first
 * step, not after its last.
 * @throws OperationalError EVIDENCE_NOT_WRITTEN
 */
export async function assertReportsWritable(reports: string): Promise<void> {
  try {
    await makeDirectories(reports);
    const draft = await draftPath(reports, 'trial');
    try {
      await writeSynced(draft, 'evidence goes here\n');
    } finally {
      await rm(draft, { force: true });
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const message = `Evidence cannot be written into ${reports}: ${reason}. Nothing was rehearsed. Name another directory with --reports, or let this account write there.`;
    throw new OperationalError('EVIDENCE_NOT_WRITTEN', message, { cause: error });
  }
}
