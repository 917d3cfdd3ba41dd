import { isOf, NoStamp, parseStamp, type Stamp } from './stamp.ts';

/** What is wrong with a time stamp; the first thing in this order. */
export type StampProblem = 'STAMP_NOT_READABLE' | 'STAMP_WRONG' | 'STAMP_NOT_TRUSTED' | 'STAMP_TIME';

export type StampVerdict = { ok: true; stampedAt: Date } | { ok: false; problem: StampProblem; message: string };

export interface StampExpectation {
  /** The bytes that were stamped. */
  signature: Buffer;
  /** Certificates (DER) that are trusted, of authorities or of who certifies them. null: whoever it is. */
  authorities: readonly Buffer[] | null;
  /** When the rehearsal ended, by the evidence: a stamp of another time says that one of the clocks was wrong. */
  finishedAt: Date;
}

/** Clocks go wrong, and a run may wait for its turn. */
const toleranceMs = 60 * 60_000;

/**
 * Says whether a time stamp is of this signature, by an authority that is trusted and was at that time. Whether its certificate
 * has expired since makes no difference (RFC 3161, appendix B); nothing is asked of the network.
 */
export async function verifyStamp(der: Buffer, expectation: StampExpectation): Promise<StampVerdict> {
  const wrong = (problem: StampProblem, message: string) => ({ ok: false, problem, message }) as const;
  const stamp = await parseStamp(der).catch((error: unknown) => {
    if (!(error instanceof NoStamp)) throw error;
    return error;
  });
  if (stamp instanceof NoStamp) return wrong('STAMP_NOT_READABLE', `What stands for a time stamp is ${stamp.message}.`);
  const { signature, authorities, finishedAt } = expectation;
  if (!isOf(stamp.info, signature)) return wrong('STAMP_WRONG', 'The time stamp is of another signature.');
  const stampedAt = stamp.info.genTime;
  const distrust = whyNotTrusted(stamp);
  if (distrust !== null) return wrong('STAMP_NOT_TRUSTED', `The time stamp is by ${nameOf(stamp)}, ${distrust}.`);
  const signed = await isSigned(stamp, signature, authorities);
  if (signed === 'not-trusted') {
    const message = `The time stamp is by ${nameOf(stamp)}, which no trusted certificate leads to.`;
    return wrong('STAMP_NOT_TRUSTED', message);
  }
  if (signed === 'no') {
    return wrong('STAMP_WRONG', 'The time stamp was changed: the signature of its authority does not fit.');
  }
  if (Math.abs(stampedAt.getTime() - finishedAt.getTime()) > toleranceMs) {
    const message = `The time stamp says ${stampedAt.toISOString()}, and the evidence that the rehearsal ended ${finishedAt.toISOString()}: a clock was wrong, or the evidence was made at another time.`;
    return wrong('STAMP_TIME', message);
  }
  return { ok: true, stampedAt };
}

/**
 * pkijs looks for a path of certificates that were valid at the time of the stamp. It wants one above the authority's own, which may
 * be trusted itself.
 */
async function isSigned(
  { signedData, certificate }: Stamp,
  signature: Buffer,
  authorities: StampExpectation['authorities'],
) {
  const { Certificate, SignedDataVerifyError } = await import('pkijs');
  const trustedCerts = authorities?.map((der) => Certificate.fromBER(new Uint8Array(der))) ?? [];
  const data = new Uint8Array(signature).buffer;
  const own = Buffer.from(certificate.toSchema().toBER());
  const checkChain = authorities !== null && !authorities.some((der) => der.equals(own));
  try {
    return (await signedData.verify({ signer: 0, data, checkChain, trustedCerts })) ? 'yes' : 'no';
  } catch (error) {
    return error instanceof SignedDataVerifyError && error.code === noPath ? 'not-trusted' : 'no';
  }
}

const noPath = 5;

const extendedKeyUsage = '2.5.29.37';
const timeStamping = '1.3.6.1.5.5.7.3.8';

/** What RFC 3161 (2.3) asks of the certificate of an authority. */
function whyNotTrusted({ certificate, info: { genTime } }: Stamp): string | null {
  const usage = certificate.extensions?.find(({ extnID }) => extnID === extendedKeyUsage);
  const purposes = (usage?.parsedValue as { keyPurposes?: string[] } | undefined)?.keyPurposes ?? [];
  if (usage?.critical !== true || purposes.length !== 1 || purposes[0] !== timeStamping) {
    return 'whose certificate is not made for time stamps alone (extendedKeyUsage)';
  }
  const [from, to] = [certificate.notBefore.value, certificate.notAfter.value];
  if (genTime >= from && genTime <= to) return null;
  return `whose certificate is from ${from.toISOString()} to ${to.toISOString()}, and the stamp from ${genTime.toISOString()}`;
}

function nameOf({ certificate }: Stamp): string {
  const names = certificate.subject.typesAndValues.map(({ value }) => value.valueBlock.value);
  return `"${names.join(', ').slice(0, 200)}"`;
}
