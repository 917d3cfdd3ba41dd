import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { markerVariable } from '../../system/marked.ts';
import { runProgram } from '../../system/run-program.ts';
import { lastWords } from '../last-words.ts';
import { explainMissing } from '../layers/missing-program.ts';
import { keyNotUsable, readPassphrase, readSecret, type Keys } from './keys.ts';

/** A keyring of gpg, and what it needs to use it. */
export interface GpgHome extends AsyncDisposable {
  /** What stands in front of every command. */
  args: string[];
  env: Record<string, string>;
}

const toolTimeoutMs = 60_000;
/** Nobody is there who could type a passphrase. */
const nobodyTypes = '--pinentry-mode=error';
const quiet = ['--batch', '--no-tty', '--status-fd=2', '--no-greeting'];

/**
 * Opens the keyring: one of our own where a key or a passphrase is given, so that nothing is left in that of the account, and no
 * other key plays a part; the account's otherwise, with its agent.
 * @returns null where nothing is given, and the account has no keyring
 * @throws OperationalError DECRYPTION_KEY_NOT_USABLE, TOOL_NOT_STARTED
 */
export async function openGpgHome({ gpg, directory }: Keys, path: string): Promise<GpgHome | null> {
  const { key, passphrase, variables } = gpg;
  if (key === null && passphrase === null) return openOfAccount(variables, path);
  const home = join(directory, `gpg-${randomBytes(3).toString('hex')}`);
  await mkdir(home, { mode: 0o700 });
  const env = { PATH: path, LC_ALL: 'C', GNUPGHOME: home, HOME: home, [markerVariable]: directory };
  const opened: GpgHome = {
    args: [...quiet],
    env,
    async [Symbol.asyncDispose]() {
      await endAgent(env);
      await rm(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
    },
  };
  try {
    if (passphrase !== null) {
      const file = join(home, 'passphrase');
      await writeFile(file, await readPassphrase(passphrase), { mode: 0o600, flag: 'wx' });
      opened.args.push('--pinentry-mode=loopback', `--passphrase-file=${file}`);
    } else {
      opened.args.push(nobodyTypes);
    }
    if (key !== null) await importKey(opened, await readSecret(key), key.from);
    return opened;
  } catch (error) {
    await opened[Symbol.asyncDispose]();
    throw error;
  }
}

/** gpg would make the keyring of an account that has none. */
async function openOfAccount(variables: Record<string, string>, path: string): Promise<GpgHome | null> {
  const { GNUPGHOME: named, HOME: home } = variables;
  const place = named ?? (home === undefined ? null : join(home, '.gnupg'));
  if (place === null || !existsSync(place)) return null;
  const env = { ...variables, PATH: path, LC_ALL: 'C' };
  const isRunning = await hasAgent(env);
  return {
    args: [...quiet, nobodyTypes],
    env,
    async [Symbol.asyncDispose]() {
      if (!isRunning) await endAgent(env, false);
    },
  };
}

async function hasAgent(env: Record<string, string>): Promise<boolean> {
  const call = { file: 'gpg-connect-agent', args: ['--no-autostart', '/bye'], env, timeoutMs: toolTimeoutMs };
  const result = await runProgram(call).catch(() => null);
  return result !== null && !/no gpg-agent running/i.test(result.stderr + result.stdout) && result.exitCode === 0;
}

/** What gpg has started outlives it otherwise. Never rejects. */
async function endAgent(env: Record<string, string>, isOurs = true): Promise<void> {
  for (const args of [['--kill', 'gpg-agent'], ...(isOurs ? [['--remove-socketdir']] : [])]) {
    await runProgram({ file: 'gpgconf', args, env, timeoutMs: toolTimeoutMs }).catch(() => undefined);
  }
}

async function importKey({ args, env }: GpgHome, key: Buffer, from: string): Promise<void> {
  const call = { file: 'gpg', args: [...args, '--import'], env, stdin: key, timeoutMs: toolTimeoutMs };
  const { stderr } = await runProgram(call).catch(explainMissing('gpg', 'gnupg'));
  // IMPORT_OK 1 of a public key, 16 and more of a private one.
  const reasons = [...stderr.matchAll(/^\[GNUPG:\] IMPORT_OK (\d+)/gm)].map(([, reason]) => Number(reason));
  if (reasons.some((reason) => reason >= 16)) return;
  const what =
    reasons.length > 0
      ? 'holds a public key, and opening takes the private one: gpg --export-secret-keys --armor'
      : `is no key that gpg takes: ${lastWords(stderr.replace(/^\[GNUPG:\].*$/gm, ''))}`;
  throw keyNotUsable(`${from} ${what}.`);
}
