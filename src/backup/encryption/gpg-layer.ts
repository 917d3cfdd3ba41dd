import { streamInput, type DumpFile } from '../../postgres/archive-input.ts';
import { runProgram } from '../../system/run-program.ts';
import { lastWords } from '../last-words.ts';
import { findEncryption } from '../format/encrypted.ts';
import type { Layer, LayerLimits, Undone } from '../layers/layer.ts';
import { packedEmpty } from '../layers/layer-findings.ts';
import { explainMissing } from '../layers/missing-program.ts';
import type { Inside, Place } from '../layers/place.ts';
import { runDecryptCommand } from './command-layer.ts';
import { encryptedCorrupt, encryptedTruncated, encryptedWithoutKey, keyWrong } from './encryption-findings.ts';
import { openGpgHome, type GpgHome } from './gpg-home.ts';
import { readGpgStatus, type GpgStatus } from './gpg-status.ts';
import { keyNotUsable } from './keys.ts';

const by = 'GnuPG';
const give =
  'REHEARSAL_GPG_KEY_FILE (and REHEARSAL_GPG_PASSPHRASE_FILE), backups.decrypt.gpg in the profile, or a keyring of this account (by hand: gpg --decrypt)';

/** OpenPGP, by the program gpg. What was not authenticated to its end is not taken. */
export const gpg: Layer<'gpg'> = {
  name: 'gpg',
  tells: 'encrypted by GnuPG',
  readByPath: false,
  recognise: (head) => findEncryption(head)?.layer === 'gpg',
  async undo(dump, place, limits) {
    const { keys, path } = limits;
    const home = await openGpgHome(keys, path);
    if (home === null) {
      if (keys.command !== null) return runDecryptCommand(by, dump, place, limits);
      return { wrong: encryptedWithoutKey(by, give) };
    }
    await using opened = home;
    return await decrypt(opened, dump, place, limits);
  },
};

async function decrypt(home: GpgHome, dump: DumpFile, place: Place, limits: LayerLimits): Promise<Undone> {
  const { keys, timeoutMs, signal } = limits;
  let inside: Inside | null = null;
  const { exitCode, stderr } = await runProgram({
    file: 'gpg',
    args: [...home.args, '--decrypt'],
    env: home.env,
    ...streamInput(dump),
    async consumeStdout(source) {
      inside = await place.store(source);
    },
    timeoutMs,
    signal,
  }).catch(explainMissing('gpg', 'gnupg'));
  const status = readGpgStatus(stderr);
  const found = inside as Inside | null;
  // A signature that cannot be checked (status 2) says nothing about what was encrypted.
  if (status.isWhole && found !== null && exitCode <= 2) {
    if (found.head.length === 0) return { wrong: packedEmpty('encrypted by GnuPG') };
    return { inside: found, warnings: [], opened: { by, for: describe(status), key: status.key ?? 'a passphrase' } };
  }
  const isGiven = keys.gpg.key !== null || keys.gpg.passphrase !== null;
  return explain(status, stderr, isGiven, () => runOther(dump, place, limits));
}

async function runOther(dump: DumpFile, place: Place, limits: LayerLimits): Promise<Undone> {
  if (limits.keys.command !== null) return runDecryptCommand(by, dump, place, limits);
  return { wrong: encryptedWithoutKey(by, give) };
}

async function explain(
  status: GpgStatus,
  stderr: string,
  isGiven: boolean,
  otherwise: () => Promise<Undone>,
): Promise<Undone> {
  const said = lastWords(stderr.replace(/^\[GNUPG:\].*$/gm, ''));
  if (status.isDamaged) {
    const isShort = /unexpected end|premature eof|EOF|invalid packet|read error|problem reading source/i.test(stderr);
    return { wrong: isShort ? encryptedTruncated(by) : encryptedCorrupt(by) };
  }
  if (status.isLocked) {
    if (status.recipients.length === 0) return { wrong: keyWrong(by, describe(status), 'the passphrase') };
    throw keyNotUsable(
      `The key of gpg is locked, and its passphrase was not given, or is another one: ${said}. Give it in REHEARSAL_GPG_PASSPHRASE_FILE, or let the agent of this account have it.`,
    );
  }
  if (status.recipients.length > 0 || status.hasPassphrase) {
    if (!isGiven) return otherwise();
    return { wrong: keyWrong(by, describe(status), 'the key that was given') };
  }
  return { wrong: encryptedTruncated(by, `, or its bytes have changed (${said})`) };
}

/** Ids of keys, as gpg --list-keys finds them. Pure. */
function describe({ recipients, hasPassphrase }: GpgStatus): string {
  const named = recipients.map((id) => (/^0+$/.test(id) ? 'a hidden recipient' : id));
  return [...named, ...(hasPassphrase ? ['a passphrase'] : [])].join(', ') || 'nobody that it names';
}
