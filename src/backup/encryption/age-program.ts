import { writeFile } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { streamInput, type DumpFile } from '../../postgres/archive-input.ts';
import { runProgram } from '../../system/run-program.ts';
import { lastWords } from '../last-words.ts';
import type { LayerLimits, Undone } from '../layers/layer.ts';
import { packedEmpty } from '../layers/layer-findings.ts';
import { explainMissing } from '../layers/missing-program.ts';
import type { Inside, Place } from '../layers/place.ts';
import { describeStanzas, type Stanza } from './age-header.ts';
import type { AgeOpener } from './age-keys.ts';
import { encryptedNotWhole, keyWrong } from './encryption-findings.ts';
import { keyNotUsable } from './keys.ts';

/** Opens a file of age with the program, for keys of SSH and of plugins. */
export async function decryptWithProgram(
  { program: key, recipients }: AgeOpener & { program: Buffer },
  stanzas: Stanza[],
  dump: DumpFile,
  place: Place,
  { path, keys, ...limits }: LayerLimits,
): Promise<Undone> {
  const identity = join(keys.directory, `${randomUUID()}.identity`);
  await writeFile(identity, key, { mode: 0o600, flag: 'wx' });
  let inside: Inside | null = null;
  const { exitCode, stderr } = await runProgram({
    file: 'age',
    args: ['--decrypt', '--identity', identity],
    env: { PATH: path, LC_ALL: 'C' },
    ...streamInput(dump),
    async consumeStdout(source) {
      inside = await place.store(source);
    },
    ...limits,
  }).catch(explainMissing('age', 'age'));
  const isFor = describeStanzas(stanzas);
  const tried = recipients.join(', ');
  const found = inside as Inside | null;
  if (exitCode === 0 && found !== null) {
    if (found.head.length === 0) return { wrong: packedEmpty('encrypted by age') };
    return { inside: found, warnings: [], opened: { by: 'age', for: isFor, key: tried } };
  }
  if (/no identity matched/.test(stderr)) return { wrong: keyWrong('age', isFor, tried) };
  if (
    /failed to decrypt and authenticate|unexpected EOF|invalid header MAC|parsing age header|malformed|bad header/i.test(
      stderr,
    )
  ) {
    return { wrong: encryptedNotWhole('age') };
  }
  throw keyNotUsable(
    `${tried} could not be used by age: ${lastWords(stderr)}. A key with a passphrase has to be given without it, or by a plugin.`,
  );
}
