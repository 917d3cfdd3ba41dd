import { verify, type KeyObject } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { OperationalError } from '../../system/operational-error.ts';
import { redact } from '../../system/redact.ts';
import { runProgram } from '../../system/run-program.ts';
import type { Signer } from './signer.ts';

/** A program that signs with a key that nobody can read, as one in a KMS. */
export interface SigningCommand {
  command: readonly string[];
  publicKey: KeyObject;
  /** What the program is told of where its key is, and who may use it. */
  variables: Record<string, string>;
  /** Where it runs: paths of the profile start from there. */
  directory: string;
}

/** A KMS answers in seconds, or has lost its network for a moment. So long for all attempts, since other runs wait for the ledger. */
const patienceMs = 60_000;
const pausesMs = [500, 2_000];
const signatureBytes = 64;

/** Signs through a program, which is given the bytes on standard input and prints the signature in base64. */
export function commandSigner(signing: SigningCommand): Signer {
  return { publicKey: signing.publicKey, sign: (bytes) => signPatiently(signing, bytes) };
}

/** What a command prints is its own doing; that it fails may be the network's, and is tried again. */
async function signPatiently(signing: SigningCommand, bytes: Buffer): Promise<Buffer> {
  const until = performance.now() + patienceMs;
  for (const pauseMs of pausesMs) {
    try {
      return await signThrough(signing, bytes, until - performance.now());
    } catch (error) {
      if (!(error instanceof CommandFailed) || performance.now() + pauseMs >= until) throw error;
    }
    await delay(pauseMs);
  }
  return signThrough(signing, bytes, until - performance.now());
}

async function signThrough(signing: SigningCommand, bytes: Buffer, timeoutMs: number): Promise<Buffer> {
  const { command, publicKey, variables, directory } = signing;
  const [file = '', ...args] = command;
  const run = { file, args, env: variables, cwd: directory, stdin: bytes, timeoutMs: Math.ceil(timeoutMs) };
  const { exitCode, stdout, stderr } = await runProgram(run).catch((error: unknown) => {
    throw unusable(`cannot be run: ${error instanceof Error ? error.message : String(error)}`, error);
  });
  if (exitCode !== 0) throw new CommandFailed(`ended with status ${exitCode}: ${excerpt(stderr)}`);
  const text = stdout.trim();
  const signature = Buffer.from(text, 'base64');
  if (signature.toString('base64') !== text || signature.length !== signatureBytes) {
    throw unusable(`printed no Ed25519 signature: it has to print ${signatureBytes} bytes in base64, and nothing else`);
  }
  if (!verify(null, bytes, publicKey, signature)) {
    throw unusable('signs with another key than evidence.signing.publicKey, or other bytes than those it was given');
  }
  return signature;
}

function excerpt(stderr: string): string {
  const text = redact(stderr).trim();
  return text === '' ? 'it said nothing' : text.slice(0, 500);
}

class CommandFailed extends OperationalError {
  constructor(problem: string) {
    super('KEY_NOT_USABLE', `The command of evidence.signing.command ${problem}.`);
  }
}

function unusable(problem: string, cause?: unknown): OperationalError {
  return new OperationalError('KEY_NOT_USABLE', `The command of evidence.signing.command ${problem}.`, { cause });
}
