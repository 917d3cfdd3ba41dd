import { stat } from 'node:fs/promises';
import { findKeys } from '../backup/encryption/keys.ts';
import { newestMajor } from '../backup/format/dump-description.ts';
import { namedBackupSet } from '../backup/named-backup-set.ts';
import { readBackup } from '../restore/read-backup.ts';
import type { Environment } from '../system/environment.ts';
import { OperationalError } from '../system/operational-error.ts';
import { usePrivateDirectory } from '../system/private-directory.ts';
import { formatBytes } from '../terminal/format-bytes.ts';
import type { DumpTold } from './facts.ts';

/** Reading more would take longer than answering a question. */
const mostBytes = 256 * 1024 ** 2;
const timeoutMs = 5 * 60_000;

const nothing: DumpTold = { database: null, owner: null, major: null, extensions: [], problem: null };

/**
 * What a dump says of its database: owner, version, extensions. It is unpacked into a private directory, which goes with the reading.
 * What cannot be read is no error here: the drill of it says what is wrong.
 * @throws OperationalError where it is of a whole server: no drill would take it
 */
export async function readDump(path: string, environment: Environment, signal: AbortSignal): Promise<DumpTold> {
  try {
    const set = await namedBackupSet(path);
    const { size } = await stat(set.dump);
    if (size > mostBytes) return { ...nothing, problem: `${formatBytes(size)} were not read through beforehand` };
    await using own = await usePrivateDirectory(environment);
    const keys = findKeys({}, environment, own.directory);
    const limits = { timeoutMs, signal, path: environment.path, keys };
    const { examination, format, dump, description } = await readBackup(set, own.directory, limits);
    const [finding] = examination.findings;
    if (finding?.rule === 'DUMP_OF_CLUSTER') throw ofCluster(path, finding);
    if (finding !== undefined) return { ...nothing, problem: finding.message };
    const outline = await format.outline(dump);
    return {
      database: outline?.database ?? null,
      owner: outline?.owner ?? outline?.ownerOfMost ?? null,
      major: newestMajor(description) || null,
      extensions: (outline?.extensions ?? []).filter((name) => name !== 'plpgsql'),
      problem: null,
    };
  } catch (error) {
    if (!(error instanceof OperationalError) || error.code === 'NO_BACKUP') throw error;
    return { ...nothing, problem: error.message };
  }
}

function ofCluster(path: string, { message, remedy }: { message: string; remedy: string }): OperationalError {
  return new OperationalError('NO_BACKUP', `${path}: ${message} ${remedy} Nothing was written.`);
}
