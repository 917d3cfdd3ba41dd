import { evidenceSchema, type Evidence } from '../schema.ts';
import { renderJson } from '../sinks/json.ts';
import type { Timestamp } from '../stamp/timestamp.ts';
import { fingerprintOf } from './fingerprint.ts';
import { signStatement } from './sign-statement.ts';
import type { Signer } from './signer.ts';
import { payloadType, statementFiles, statementOf } from './statement.ts';

/** Evidence with what was signed of it. */
export interface SignedEvidence {
  evidence: Evidence;
  signature: Signature;
}

/** What stands beside evidence that was signed. */
export interface Signature {
  /** The fingerprint of the key; null where nothing was signed. */
  signedBy: string | null;
  /** The bundles, by file name. */
  bundles: Record<string, string>;
  timestamp: Timestamp;
}

export const unsigned: Signature = { signedBy: null, bundles: {}, timestamp: null };

/**
 * Signs evidence. Where that cannot be done any more, at the end of a run, the evidence says so: what was found out is worth more
 * than its signature.
 */
export async function signEvidence(evidence: Evidence, signer: Signer | null): Promise<SignedEvidence> {
  if (signer === null) return { evidence, signature: unsigned };
  const bytes = Buffer.from(renderJson(evidenceSchema.parse(evidence)));
  try {
    const bundles: Record<string, string> = {};
    for (const [file, predicateType] of Object.entries(statementFiles)) {
      const payload = { type: payloadType, text: statementOf(predicateType, bytes) };
      bundles[file] = await signStatement(payload, signer);
    }
    return { evidence, signature: { signedBy: fingerprintOf(signer.publicKey), bundles, timestamp: null } };
  } catch (error) {
    return { evidence: withFinding(evidence, error), signature: unsigned };
  }
}

function withFinding(evidence: Evidence, error: unknown): Evidence {
  const finding: Evidence['findings'][number] = {
    rule: 'EVIDENCE_NOT_SIGNED',
    severity: 'warning',
    object: 'evidence.json',
    message: `This evidence was to be signed, and could not be: ${error instanceof Error ? error.message : String(error)}`,
    remedy: 'See to the key, and rehearse again: nobody can tell whether this evidence was changed since.',
    diff: null,
  };
  return { ...evidence, findings: [...evidence.findings, finding] };
}
