import { existsSync } from 'node:fs';
import { runProgram } from '../../system/run-program.ts';
import { OperationalError } from '../../system/operational-error.ts';
import { drain, throughProgram } from '../../system/through-program.ts';
import { lastWords } from '../last-words.ts';
import { explainMissing } from '../layers/missing-program.ts';
import type { Encrypting, EncryptingOptions } from './encrypting.ts';

/**
 * Recipients are keys in the keyring of the account, or files with public keys. Whose key it is was decided by who wrote the
 * profile: the web of trust plays no part.
 */
export async function encryptWithGpg(recipients: string[], options: EncryptingOptions): Promise<Encrypting> {
  const { path, gnupg, limits } = options;
  const env = { ...gnupg, PATH: path, LC_ALL: 'C' };
  const quiet = [
    '--batch',
    '--no-tty',
    '--no-greeting',
    '--status-fd=2',
    '--trust-model=always',
    '--no-auto-key-locate',
  ];
  const named = recipients.flatMap((each) => (existsSync(each) ? ['--recipient-file', each] : ['--recipient', each]));
  // What is compressed already gains nothing.
  const args = [...quiet, ...named, '--compress-algo=none', '--encrypt'];
  const call = { file: 'gpg', args, env };
  const tried = await runProgram({ ...call, stdin: Buffer.from('x'), timeoutMs: 60_000, consumeStdout: drain }).catch(
    explainMissing('gpg', 'gnupg'),
  );
  if (tried.exitCode !== 0) throw unusable(tried.stderr);
  const through: Encrypting['through'] = (source) =>
    throughProgram({ ...call, ...limits }, source, {
      onFailed: ({ stderr }) => unusable(stderr),
      onError: explainMissing('gpg', 'gnupg'),
    });
  return { encryption: { by: 'gpg', recipients: await fingerprints(recipients, tried.stderr, env) }, through };
}

/** What stands in the manifest does not depend on how the profile names a key. */
async function fingerprints(recipients: string[], stderr: string, env: Record<string, string>): Promise<string[]> {
  const considered = [...stderr.matchAll(/^\[GNUPG:\] KEY_CONSIDERED ([0-9A-F]{40}) /gm)].map(([, fpr = '']) => fpr);
  for (const file of recipients.filter((each) => existsSync(each))) {
    const args = ['--batch', '--no-tty', '--with-colons', '--show-keys', file];
    const { stdout } = await runProgram({ file: 'gpg', args, env, timeoutMs: 60_000 });
    considered.push(/^fpr:+([0-9A-F]{40}):/m.exec(stdout)?.[1] ?? file);
  }
  return [...new Set(considered)];
}

function unusable(stderr: string): OperationalError {
  const said = lastWords(stderr.replace(/^\[GNUPG:\].*$/gm, ''));
  const message = `backups.encrypt names recipients that gpg cannot encrypt to: ${said}. See gpg --list-keys as this account: name fingerprints, or files with public keys.`;
  return new OperationalError('PROFILE_INVALID', message);
}
