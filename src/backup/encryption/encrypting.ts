import type { Manifest } from '../manifest.ts';

/** How bytes are encrypted on their way to the disk. */
export interface Encrypting {
  /** For the manifest. */
  encryption: NonNullable<Manifest['encryption']>;
  through: (source: AsyncIterable<Buffer>) => AsyncIterable<Buffer>;
}

export interface EncryptingOptions {
  path: string;
  /** Of the account: where its keyring is. */
  gnupg: Record<string, string>;
  limits: { timeoutMs: number; signal?: AbortSignal | undefined };
}
