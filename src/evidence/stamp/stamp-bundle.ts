import { printable } from '../../terminal/printable.ts';
import type { Signature } from '../sign/sign-evidence.ts';
import { requestStamp, type StampPatience } from './request-stamp.ts';

interface BundleJson {
  verificationMaterial: { timestampVerificationData: object };
  dsseEnvelope: { signatures: { sig: string }[] };
}

/** It has the whole evidence. The other bundle follows from it, and authorities count how often they are asked. */
const stamped = 'evidence.intoto.json';

/**
 * Has the signature in a bundle stamped. Without an authority that answers, the bundle stays as it is: what was found out is worth
 * more than its time stamp. The ledger then says why there is none.
 * @param authority its URL; null: no stamp is asked for
 */
export async function stampSignature(
  { bundles, ...signature }: Signature,
  authority: string | null,
  patience?: StampPatience,
): Promise<Signature> {
  const text = bundles[stamped];
  if (authority === null || text === undefined) return { ...signature, bundles };
  try {
    const bundle = JSON.parse(text) as BundleJson;
    const { der, stampedAt } = await requestStamp(
      authority,
      Buffer.from(bundle.dsseEnvelope.signatures[0]?.sig ?? '', 'base64'),
      patience,
    );
    bundle.verificationMaterial.timestampVerificationData = {
      rfc3161Timestamps: [{ signedTimestamp: der.toString('base64') }],
    };
    const withStamp = { ...bundles, [stamped]: `${JSON.stringify(bundle, null, 2)}\n` };
    return { ...signature, bundles: withStamp, timestamp: { stampedAt: stampedAt.toISOString() } };
  } catch (error) {
    // Whatever it is: an authority, or the network, may answer anything.
    const reason = error instanceof Error ? error.message : String(error);
    return { ...signature, bundles, timestamp: { notStamped: printable(reason).slice(0, longestReason) } };
  }
}

const longestReason = 500;
