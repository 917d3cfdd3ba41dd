import { generateKeyPairSync } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { syncDirectory, writeSynced } from '../../system/durable.ts';
import { OperationalError } from '../../system/operational-error.ts';
import { fingerprintOf } from './fingerprint.ts';

/** Two files that were written, and how the key is named in evidence. */
export interface GeneratedKey {
  privateFile: string;
  publicFile: string;
  fingerprint: string;
}

/**
 * Makes an Ed25519 key for evidence. The private one can be read by this account alone; nothing is overwritten, since evidence
 * that the old key signed could not be verified any more.
 * @param file of the private key, PEM (PKCS #8); the public one is written beside it, as `FILE.pub`
 * @throws OperationalError KEY_NOT_WRITTEN
 */
export async function generateKey(file: string): Promise<GeneratedKey> {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const publicFile = `${file}.pub`;
  // The public one first: a private key whose public one is missing would be used, and nobody could verify with it.
  await writeNew(publicFile, publicKey.export({ type: 'spki', format: 'pem' }).toString(), 0o644);
  try {
    await writeNew(file, privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), 0o600);
    await syncDirectory(dirname(file));
  } catch (error) {
    await rm(publicFile, { force: true });
    throw error;
  }
  return { privateFile: file, publicFile, fingerprint: fingerprintOf(publicKey) };
}

async function writeNew(file: string, content: string, mode: number): Promise<void> {
  try {
    await writeSynced(file, content, mode);
  } catch (error) {
    throw new OperationalError('KEY_NOT_WRITTEN', `No key was made: ${explain(file, error)}`, { cause: error });
  }
}

function explain(file: string, error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'EEXIST')
    return `${file} is there already, and evidence may be signed with it. Name another file with --out.`;
  if (code === 'ENOENT') return `there is no directory ${dirname(file)}. Make it, or name another file with --out.`;
  return `${file} cannot be written: ${message}. Name another file with --out.`;
}
