import { statementFiles } from '../sign/statement.ts';
import type { IntactEvidence } from './check-evidence.ts';
import type { RunLine } from './line.ts';
import type { LedgerProblem } from './problem.ts';
import type { Trust } from './trust.ts';

/** Who signed a run, as far as that was asked. */
export interface Proof {
  isSigned: boolean;
  /** The fingerprint of a trusted key; null where it is unsigned, or no key is trusted. */
  signedBy: string | null;
  isStamped: boolean;
}

/** Checks the bundles of a run: each is there, by a trusted key, about this evidence, and its time stamp is right. */
export async function checkBundles(
  { directory }: RunLine,
  evidence: IntactEvidence,
  trust: Trust,
): Promise<Proof | LedgerProblem> {
  const { bundles } = evidence;
  const unknown = [...bundles.keys()].find((name) => !Object.hasOwn(statementFiles, name));
  if (unknown !== undefined) {
    const message = `${directory}/${unknown} is no bundle that a run writes: those are ${Object.keys(statementFiles).join(' and ')}.`;
    return { code: 'BUNDLE_UNKNOWN', message };
  }
  if (bundles.size === 0) return { isSigned: false, signedBy: null, isStamped: false };
  const missing = Object.keys(statementFiles).find((name) => !bundles.has(name));
  if (missing !== undefined) {
    const message = `${directory} is signed, but has no ${missing}: a run writes both bundles, or none.`;
    return { code: 'SIGNATURE_MISSING', message };
  }
  const signedBy = trust.keys.length === 0 ? null : await checkSignatures(directory, evidence, trust);
  if (signedBy !== null && typeof signedBy !== 'string') return signedBy;
  const stamped = await checkStamps(directory, evidence, trust);
  return typeof stamped === 'boolean' ? { isSigned: true, signedBy, isStamped: stamped } : stamped;
}

async function checkSignatures(
  directory: string,
  { bytes, bundles }: IntactEvidence,
  { keys }: Trust,
): Promise<string | LedgerProblem> {
  // It takes a second to load; who has no key does without.
  const { verifyBundle } = await import('../sign/verify-bundle.ts');
  let signedBy = '';
  for (const [name, text] of bundles) {
    const verdict = verifyBundle(text.toString(), bytes, keys);
    if (!verdict.ok) return { code: verdict.problem, message: `${directory}/${name}: ${verdict.message}` };
    if (verdict.predicateType !== statementFiles[name]) {
      const message = `${directory}/${name} holds the statement of another file: ${verdict.predicateType}.`;
      return { code: 'BUNDLE_MISPLACED', message };
    }
    signedBy = verdict.fingerprint;
  }
  return signedBy;
}

/** @returns whether there is a time stamp */
async function checkStamps(
  directory: string,
  { evidence, bundles }: IntactEvidence,
  { authorities, requireTimestamps }: Trust,
): Promise<boolean | LedgerProblem> {
  let isStamped = false;
  for (const [name, text] of bundles) {
    const { signature, stamps } = readStamps(text);
    isStamped ||= stamps.length > 0;
    if (authorities.length === 0 || stamps.length === 0) continue;
    const { verifyStamp } = await import('../stamp/verify-stamp.ts');
    for (const stamp of stamps) {
      const verdict = await verifyStamp(stamp, { signature, authorities, finishedAt: new Date(evidence.finishedAt) });
      if (!verdict.ok) return { code: verdict.problem, message: `${directory}/${name}: ${verdict.message}` };
    }
  }
  if (isStamped || !requireTimestamps) return isStamped;
  return { code: 'STAMP_MISSING', message: `${directory} has no time stamp, and every signed run has to have one.` };
}

interface BundleJson {
  verificationMaterial?: { timestampVerificationData?: { rfc3161Timestamps?: { signedTimestamp: string }[] } };
  dsseEnvelope?: { signatures?: { sig?: string }[] };
}

/** Where no key is trusted, nothing says that it is a bundle at all. */
function readStamps(text: Buffer): { signature: Buffer; stamps: Buffer[] } {
  try {
    const { verificationMaterial, dsseEnvelope } = JSON.parse(text.toString()) as BundleJson;
    const stamps = verificationMaterial?.timestampVerificationData?.rfc3161Timestamps ?? [];
    return {
      signature: Buffer.from(dsseEnvelope?.signatures?.[0]?.sig ?? '', 'base64'),
      stamps: stamps.map(({ signedTimestamp }) => Buffer.from(signedTimestamp, 'base64')),
    };
  } catch {
    return { signature: Buffer.alloc(0), stamps: [] };
  }
}
