import { Readable } from 'node:stream';
import type { ReadableStream as NodeReadableStream } from 'node:stream/web';
import { OperationalError } from '../../system/operational-error.ts';
import { drain, throughProgram } from '../../system/through-program.ts';
import { lastWords } from '../last-words.ts';
import { explainMissing } from '../layers/missing-program.ts';
import type { Encrypting, EncryptingOptions } from './encrypting.ts';

/** Recipients of age go through the library, keys of SSH and plugins through the program. */
export async function encryptWithAge(recipients: string[], options: EncryptingOptions): Promise<Encrypting> {
  for (const each of recipients) assertRecipient(each);
  const encryption = { by: 'age' as const, recipients: recipients.map(nameRecipient) };
  const through = recipients.every(isOfLibrary) ? await byLibrary(recipients) : byProgram(recipients, options);
  // Recipients with a letter that is wrong are found out here.
  await drain(through(Readable.from([Buffer.alloc(0)])));
  return { encryption, through };
}

/** `age1` and letters; those with another `1` behind a name are of plugins. */
function isOfLibrary(recipient: string): boolean {
  return /^age1(?:[02-9a-z]{58}|pq1[02-9a-z]+)$/.test(recipient);
}

function assertRecipient(recipient: string): void {
  if (/^AGE-SECRET-KEY-|PRIVATE KEY/.test(recipient)) {
    throw invalid(
      'holds a private key: with it in the profile, everybody who reads that can open the backups. Name the public one (age-keygen -y), and make a new key',
    );
  }
  if (/^(?:age1[0-9a-z]+|ssh-(?:ed25519|rsa) [A-Za-z0-9+/=]+(?: [^\n]*)?)$/.test(recipient)) return;
  throw invalid(
    `holds ${JSON.stringify(recipient.slice(0, 60))}, which is no recipient: age1… (age-keygen -y KEYFILE), or a public key of SSH`,
  );
}

/** Without the comment of a key, in which its owner’s name may stand. */
function nameRecipient(recipient: string): string {
  return recipient.split(' ').slice(0, 2).join(' ');
}

async function byLibrary(recipients: string[]): Promise<Encrypting['through']> {
  const { Encrypter } = await import('age-encryption');
  const encrypter = new Encrypter();
  for (const each of recipients) {
    try {
      encrypter.addRecipient(each);
    } catch (error) {
      throw invalid(`holds ${each}, which is no recipient: letters of it are wrong or missing`, { cause: error });
    }
  }
  return async function* (source) {
    const input = Readable.toWeb(Readable.from(source, { objectMode: false }));
    const output = await encrypter.encrypt(input as unknown as ReadableStream<Uint8Array>);
    for await (const chunk of Readable.fromWeb(output as unknown as NodeReadableStream))
      yield Buffer.from(chunk as Uint8Array);
  };
}

function byProgram(recipients: string[], { path, limits }: EncryptingOptions): Encrypting['through'] {
  const args = ['--encrypt', ...recipients.flatMap((each) => ['--recipient', each])];
  return (source) =>
    throughProgram({ file: 'age', args, env: { PATH: path, LC_ALL: 'C' }, ...limits }, source, {
      onFailed: ({ stderr }) => invalid(`cannot be used: age said ${lastWords(stderr)}`),
      onError: explainMissing('age', 'age'),
    });
}

function invalid(what: string, options?: ErrorOptions): OperationalError {
  return new OperationalError('PROFILE_INVALID', `backups.encrypt ${what}.`, options);
}
