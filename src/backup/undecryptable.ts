import { OperationalError } from '../system/operational-error.ts';

/**
 * Waits for what is read from a place that encrypts.
 * @returns what was read; `instead`, where what is there cannot be decrypted: its bytes have changed, or the password is another
 */
export async function unlessUndecryptable<T, Instead>(reading: Promise<T>, instead: Instead): Promise<T | Instead> {
  return reading.catch((error: unknown) => {
    if (isUndecryptable(error)) return instead;
    throw error;
  });
}

/** Whether what is there could be read, and not decrypted. */
export function isUndecryptable(error: unknown): error is OperationalError {
  return error instanceof OperationalError && error.code === 'OFFSITE_UNDECRYPTABLE';
}

/** What is wrong where nothing at all can be decrypted: that says nothing against the copies. */
export function asMisconfigured(error: unknown): OperationalError {
  const { message } = error as Error;
  return new OperationalError('OFFSITE_NOT_CONFIGURED', `Nothing there can be decrypted. ${message}`, { cause: error });
}
