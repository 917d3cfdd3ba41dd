import { streamInput, type DumpFile } from '../../postgres/archive-input.ts';
import { runProgram } from '../../system/run-program.ts';
import { secretsOf } from '../../system/secrets-of.ts';
import { lastWords } from '../last-words.ts';
import { findEncryption } from '../format/encrypted.ts';
import type { Layer, LayerLimits, Undone } from '../layers/layer.ts';
import type { Inside, Place } from '../layers/place.ts';
import { encryptedWithoutKey, notDecrypted } from './encryption-findings.ts';

/** What is encrypted by other programs: one that the profile names opens it. */
export const command: Layer<'command'> = {
  name: 'command',
  tells: 'encrypted',
  readByPath: false,
  recognise: (head) => findEncryption(head)?.layer === 'command',
  async undo(dump, place, limits) {
    const { by = 'a program', undo = '' } = findEncryption(dump.head) ?? {};
    if (limits.keys.command !== null) return runDecryptCommand(by, dump, place, limits);
    return {
      wrong: encryptedWithoutKey(
        by,
        `name the program in backups.decrypt.command of the profile (${undo}), the key in a variable or a file`,
      ),
    };
  },
};

/** Gives the file to the program of the profile, and takes what it prints. A status other than 0 is a finding. */
export async function runDecryptCommand(
  by: string,
  dump: DumpFile,
  place: Place,
  { keys, timeoutMs, signal }: LayerLimits,
): Promise<Undone> {
  const [file = '', ...args] = keys.command?.words ?? [];
  const env = keys.command?.variables ?? {};
  let inside: Inside | null = null;
  const { exitCode, stderr } = await runProgram({
    file,
    args,
    env,
    ...streamInput(dump),
    async consumeStdout(source) {
      inside = await place.store(source);
    },
    timeoutMs,
    signal,
  });
  const found = inside as Inside | null;
  const said = lastWords(stderr, secretsOf(Object.entries(env)));
  if (exitCode !== 0) return { wrong: notDecrypted(by, `it ended with status ${exitCode}, and said: ${said}`) };
  if (found === null || found.head.length === 0) return { wrong: notDecrypted(by, 'it printed nothing') };
  return {
    inside: found,
    warnings: [],
    opened: { by, for: 'whom, it does not say', key: 'that of backups.decrypt.command' },
  };
}
