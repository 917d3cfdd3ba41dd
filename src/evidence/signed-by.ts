/** The fingerprint of the key that a bundle says it was signed with; null for what is no bundle. A claim: verifyBundle proves it. Pure. */
export function claimedKey(bundle: string): string | null {
  try {
    const { verificationMaterial } = Object(JSON.parse(bundle)) as {
      verificationMaterial?: { publicKey?: { hint?: unknown } };
    };
    const hint = verificationMaterial?.publicKey?.hint;
    return typeof hint === 'string' && /^[0-9a-f]{64}$/.test(hint) ? hint : null;
  } catch {
    return null;
  }
}
