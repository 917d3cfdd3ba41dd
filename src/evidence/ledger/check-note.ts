import { fingerprintOf } from '../sign/fingerprint.ts';
import { isSignedBy } from '../sign/sign-note.ts';
import type { NoteLine } from './line.ts';
import type { LedgerProblem } from './problem.ts';
import type { Trust } from './trust.ts';

/** Whether a note that is signed is so by a trusted key. One without a signature says so itself. */
export function checkNote(note: NoteLine, { keys }: Pick<Trust, 'keys'>): LedgerProblem | null {
  const { signature, number } = note;
  if (signature === null || keys.length === 0 || isSignedBy(note, keys)) return null;
  const code = keys.some((key) => fingerprintOf(key) === signature.key) ? 'SIGNATURE_WRONG' : 'KEY_NOT_TRUSTED';
  const why =
    code === 'SIGNATURE_WRONG'
      ? 'its signature does not fit: it was changed, or another key has signed it'
      : `it was signed with the key ${signature.key}, which is not trusted`;
  return { code, message: `Line ${number} is a note of ${note.by}, and ${why}.` };
}
