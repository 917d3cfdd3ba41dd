import { createPublicKey } from 'node:crypto';
import type { Profile } from '../../config/profile.ts';
import type { Environment } from '../../system/environment.ts';
import { OperationalError } from '../../system/operational-error.ts';
import { nearby } from '../../terminal/nearby.ts';
import { commandSigner } from './command-signer.ts';
import { parsePrivateKey, readPrivateKey, readPublicKey } from './read-key.ts';
import { signStatement } from './sign-statement.ts';
import { keySigner, type Signer } from './signer.ts';

/** What says who signs; a variable wins over the profile. */
export interface SigningSettings {
  profile: Profile['evidence']['signing'];
  environment: Environment['signing'];
  /** The profile's. */
  directory: string;
}

/**
 * Finds who signs evidence, and has something signed for a trial: a key that cannot be used is told before the first step, not
 * after the last.
 * @returns null where nothing is to be signed
 * @throws OperationalError KEY_NOT_USABLE, BAD_USAGE
 */
export async function openSigner(settings: SigningSettings): Promise<Signer | null> {
  try {
    const signer = await chooseSigner(settings);
    if (signer !== null) await signStatement(trial, signer);
    return signer;
  } catch (error) {
    if (!(error instanceof OperationalError) || error.code !== 'KEY_NOT_USABLE') throw error;
    throw new OperationalError('KEY_NOT_USABLE', `Evidence cannot be signed. ${error.message} Nothing was rehearsed.`, {
      cause: error,
    });
  }
}

async function chooseSigner({ profile, environment, directory }: SigningSettings): Promise<Signer | null> {
  const { key, keyFile, variables } = environment;
  if (key !== null && keyFile !== null) {
    const message = 'REHEARSAL_SIGNING_KEY and REHEARSAL_SIGNING_KEY_FILE are both set; give one of them.';
    throw new OperationalError('BAD_USAGE', message);
  }
  if (key !== null) return ofPrivateKey(parsePrivateKey(key, 'What REHEARSAL_SIGNING_KEY holds'));
  const file = keyFile ?? profile?.key;
  if (file !== undefined) {
    const signer = ofPrivateKey(await readPrivateKey(file));
    if (keyFile === null) await assertPublicKey(signer, profile?.publicKey);
    return signer;
  }
  if (profile?.command === undefined) return null;
  const publicKey = await readPublicKey(profile.publicKey ?? '');
  return commandSigner({ command: profile.command, publicKey, variables, directory });
}

/** Whoever verifies with the public key of the profile would refuse all that another key signs. */
async function assertPublicKey({ publicKey }: Signer, file: string | undefined): Promise<void> {
  if (file === undefined || publicKey.equals(await readPublicKey(file))) return;
  const message = `evidence.signing.publicKey (${nearby(file)}) is not the public key of evidence.signing.key. Name the one that keygen has written beside it, FILE.pub.`;
  throw new OperationalError('KEY_NOT_USABLE', message);
}

function ofPrivateKey(privateKey: ReturnType<typeof parsePrivateKey>): Signer {
  return keySigner(privateKey, createPublicKey(privateKey));
}

/** Nobody can take it for evidence. */
const trial = {
  type: 'application/vnd.restore-rehearsal.trial',
  text: 'A trial of the key; this says nothing of any backup.',
};
