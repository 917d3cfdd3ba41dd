import { makeDirectories } from '../../system/make-directory.ts';
import { findGap } from '../cadence.ts';
import type { Evidence } from '../schema.ts';
import { unsigned, type SignedEvidence } from '../sign/sign-evidence.ts';
import type { Timestamp } from '../stamp/timestamp.ts';
import { writeEvidence } from '../write.ts';
import { withLedger, type LedgerEnd } from './append.ts';
import { startedAt } from './started-at.ts';

/** Where the evidence of a run is, as it was written, and where the ledger ends with it. */
export interface Recorded {
  evidence: Evidence;
  directory: string;
  /** The fingerprint of the key that it is signed with; null where it is not. */
  signedBy: string | null;
  /** What came of asking for a time stamp; null where none was asked for. */
  timestamp: Timestamp;
  ledger: LedgerEnd;
}

/**
 * Writes evidence, and its line in the ledger. Both say what was before: the evidence has the hash of the line before its own.
 * Whoever is killed in between leaves evidence without a line, which `evidence verify` names.
 * @param sign signs it as it is written, with that hash
 * @param frequencyMs how often the profile asks for a rehearsal: evidence after a longer silence says so
 * @throws ZodError for evidence that does not keep to its schema; OperationalError EVIDENCE_NOT_WRITTEN
 */
export async function recordEvidence(
  reports: string,
  evidence: Evidence,
  logs: Record<string, string>,
  sign: (evidence: Evidence) => Promise<SignedEvidence> = leaveUnsigned,
  frequencyMs: number | null = null,
): Promise<Recorded> {
  await makeDirectories(reports);
  return withLedger(reports, async (ledger) => {
    const { id, rehearsal, verdict, about } = evidence;
    const database = about?.database ?? null;
    const before = ledger.lastRunOf({ database, rehearsal });
    const gap = findGap(evidence, before && startedAt(before), frequencyMs);
    const findings = [...evidence.findings, ...(gap === null ? [] : [gap])];
    const { evidence: written, signature } = await sign({ ...evidence, findings, previous: ledger.end.head });
    const { directory, files } = await writeEvidence(reports, written, logs, signature);
    const writtenAt = new Date().toISOString();
    const { signedBy, timestamp } = signature;
    const notStamped = timestamp !== null && 'notStamped' in timestamp ? timestamp : {};
    const line = { id, rehearsal, database, verdict, directory, files, ...notStamped };
    const end = await ledger.append({ kind: 'run', writtenAt, ...line });
    return { evidence: written, directory, signedBy, timestamp, ledger: end };
  });
}

function leaveUnsigned(evidence: Evidence): Promise<SignedEvidence> {
  return Promise.resolve({ evidence, signature: unsigned });
}
