import { fingerprintOf } from './fingerprint.ts';
import type { Signer } from './signer.ts';

/** What is signed, and what kind of thing it is: the signature covers both. */
export interface Payload {
  type: string;
  text: string;
}

/**
 * Signs in a DSSE envelope.
 * @returns a Sigstore bundle v0.3, as JSON. The hint names the key as keygen does
 * @throws OperationalError KEY_NOT_USABLE
 */
export async function signStatement({ type, text }: Payload, signer: Signer): Promise<string> {
  // They take a second to load; runs that sign nothing do without.
  const [{ DSSEBundleBuilder }, { bundleToJSON }] = await Promise.all([
    import('@sigstore/sign'),
    import('@sigstore/bundle'),
  ]);
  const hint = fingerprintOf(signer.publicKey);
  const publicKey = signer.publicKey.export({ type: 'spki', format: 'pem' }).toString();
  // An authority for time stamps is one of these witnesses.
  const builder = new DSSEBundleBuilder({
    signer: {
      sign: async (bytes) => ({ signature: await signer.sign(bytes), key: { $case: 'publicKey', publicKey, hint } }),
    },
    witnesses: [],
  });
  const bundle = await builder.create({ type, data: Buffer.from(text) });
  // Go's verifiers, cosign among them, pass over a signature whose keyid is not the one that they compute themselves.
  for (const signature of bundle.content.dsseEnvelope.signatures) signature.keyid = '';
  return `${JSON.stringify(bundleToJSON(bundle), null, 2)}\n`;
}
