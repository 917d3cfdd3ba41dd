import { randomBytes } from 'node:crypto';
import type { Login } from './reader.ts';

/** A name and a password that nobody else has, for a role of the harness. */
export function randomLogin(purpose: 'operator' | 'reader'): Login {
  return { user: `restore_rehearsal_${purpose}_${randomBytes(6).toString('hex')}`, password: randomPassword() };
}

export function randomPassword(): string {
  return randomBytes(24).toString('base64url');
}
