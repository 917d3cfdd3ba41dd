import { mkdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { OperationalError } from '../../system/operational-error.ts';
import { formatBytes } from '../../terminal/format-bytes.ts';
import { backupSet } from '../backup-set.ts';
import { isBesideDump } from '../list-others.ts';
import { namedBackupSet } from '../named-backup-set.ts';
import { chooseCandidate, date, type Candidate } from '../others/choose-candidate.ts';
import { findPhysical } from '../others/physical.ts';
import { fileSafe } from '../backup-name.ts';
import type { FetchingOptions, FoundBackup } from './found.ts';
import { olderOnes } from './newest-here.ts';
import type { RemoteFile, RemoteFiles } from './remote-files.ts';

/** A backup at a remote: a file, or the directory of a dump. */
interface RemoteCandidate extends Candidate {
  /** The files that it consists of. */
  files: RemoteFile[];
}

/**
 * Fetches a backup of others from a remote of rclone: a file, or of a directory the newest one. What belongs to a backup of
 * ours comes with it.
 */
export async function fetchFromRemote(
  remote: RemoteFiles,
  { database, now, directory, report }: FetchingOptions,
): Promise<FoundBackup> {
  report(`looking at ${remote.remote}`);
  const { isFile, files } = await remote.list();
  findPhysical(files.map(({ path }) => path));
  const candidates = isFile ? files.map((file) => asCandidate(file.path, [file])) : groupFiles(files);
  const [only] = candidates;
  // Who names a file wants that one, whatever it is called.
  const { chosen, passedOver, older } =
    isFile && only !== undefined
      ? { chosen: date(only, database), passedOver: [], older: 0 }
      : chooseCandidate(candidates, { database, now });
  const found: Omit<FoundBackup, 'set'> = {
    from: remote.remote,
    candidates: candidates.length,
    passedOver: older === 0 ? passedOver : [...passedOver, olderOnes(older)],
    moment: chosen === null || isFile ? null : { takenAt: chosen.takenAt, by: chosen.by },
    tool: chosen?.name.tool ?? null,
  };
  if (chosen === null) return { ...found, set: null };
  const all = [...chosen.candidate.files, ...(isFile ? [] : filesBeside(chosen.candidate.path, files))];
  const dump = join(directory, fileSafe(basename(chosen.candidate.path)));
  const placeOf = (path: string) =>
    join(path.startsWith(`${chosen.candidate.path}/`) ? dump : directory, fileSafe(basename(path)));
  for (const file of all) await fetchFile(remote, file, placeOf(file.path), report);
  return { ...found, set: await namedBackupSet(dump) };
}

/** Directory dumps are one candidate; what lies beside dumps is none. */
function groupFiles(files: RemoteFile[]): RemoteCandidate[] {
  const dumps = new Set(files.filter(({ path }) => /\/toc\.dat$/.test(path)).map(({ path }) => dirname(path)));
  const alone = files.filter(({ path }) => !dumps.has(dirname(path)) && !isBesideDump(path));
  return [
    ...alone.map((file) => asCandidate(file.path, [file])),
    ...[...dumps].map((path) =>
      asCandidate(
        path,
        files.filter((file) => dirname(file.path) === path),
      ),
    ),
  ];
}

function asCandidate(path: string, files: RemoteFile[]): RemoteCandidate {
  const changedAt = files.map((file) => file.changedAt).toSorted((a, b) => b.getTime() - a.getTime())[0] ?? null;
  return { path, files, changedAt, header: null, sizeBytes: files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) };
}

/** Manifest, checksum and roles, by their names. */
function filesBeside(dump: string, files: RemoteFile[]): RemoteFile[] {
  const { manifest, checksum, globals } = backupSet(dump);
  const names = [manifest, checksum, globals, `${dump}.sha256`].map((name) => name.replace(/^\.\//, ''));
  return files.filter(({ path }) => names.includes(path));
}

async function fetchFile(remote: RemoteFiles, file: RemoteFile, place: string, report: (text: string) => void) {
  await mkdir(dirname(place), { recursive: true, mode: 0o700 });
  await remote.fetch(file.path, place, (bytes) => {
    report(`fetching ${basename(file.path)}: ${formatBytes(bytes)} of ${formatBytes(Math.max(file.sizeBytes, bytes))}`);
  });
  const { size } = await stat(place);
  if (file.sizeBytes < 0 || size === file.sizeBytes) return;
  const message = `Of ${file.path} at ${remote.remote} ${size} bytes arrived, and it has ${file.sizeBytes}. It may have been written meanwhile, or the connection broke: start again.`;
  throw new OperationalError('BACKUP_NOT_FETCHED', message);
}
