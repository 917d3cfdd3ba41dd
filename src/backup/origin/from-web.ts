import { open, statfs } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { OperationalError } from '../../system/operational-error.ts';
import { formatBytes } from '../../terminal/format-bytes.ts';
import { fileSafe } from '../backup-name.ts';
import { namedBackupSet } from '../named-backup-set.ts';
import { readOthersName } from '../others/read-name.ts';
import { fetchBeside } from './beside-on-web.ts';
import type { FetchingOptions, FoundBackup } from './found.ts';
import { showAddress } from './origin.ts';
import { codeOf, explainConnection, explainStatus, notFetched } from './web-errors.ts';
import { request, type WebLimits } from './web-request.ts';

const attempts = 5;

/**
 * Fetches a backup over HTTP. A connection that breaks is made again, and the file goes on where it was, if the server says
 * that it is the same one still. What has arrived is never more, or less, than the server said.
 * @throws OperationalError BACKUP_NOT_FETCHED, DISK_FULL, INTERRUPTED
 */
export async function fetchFromWeb(
  address: URL,
  { database, directory, report }: FetchingOptions,
  limits: WebLimits,
): Promise<FoundBackup> {
  const shown = showAddress(address);
  report(`asking ${shown}`);
  const file = join(directory, nameOf(address));
  const fetched: Progress = { bytes: 0, totalBytes: null, tag: null };
  for (let attempt = 1; ; attempt += 1) {
    try {
      await fetchRest({ address, shown, file, directory, report }, fetched, limits);
      break;
    } catch (error) {
      if (limits.signal?.aborted === true) {
        throw new OperationalError('INTERRUPTED', 'Fetching the backup was interrupted.', { cause: error });
      }
      if (error instanceof OperationalError) throw error;
      if (!isPassing(error) || attempt === attempts) throw explainConnection(shown, error, limits.proxies !== null);
      await delay(limits.pauseMs * attempt, undefined, { signal: limits.signal });
    }
  }
  report(`asking what lies beside ${shown}`);
  await fetchBeside(address, file, shown, limits);
  const { tool } = readOthersName(basename(file), database);
  return { set: await namedBackupSet(file), from: shown, candidates: 1, passedOver: [], moment: null, tool };
}

interface Progress {
  bytes: number;
  /** null where the server does not say. */
  totalBytes: number | null;
  /** What tells that a file is the same still. */
  tag: string | null;
}

interface Wanted {
  address: URL;
  shown: string;
  file: string;
  directory: string;
  report: (text: string) => void;
}

async function fetchRest(wanted: Wanted, fetched: Progress, limits: WebLimits): Promise<void> {
  const { address, shown, file, report } = wanted;
  const from = fetched.tag === null ? 0 : fetched.bytes;
  const range = { range: `bytes=${from}-`, 'if-range': fetched.tag ?? '' };
  await using answer = await request(address, from > 0 ? range : {}, limits);
  const { response } = answer;
  // A server that did not say how long the file is: nothing of it is missing, or it is another one.
  if (response.status === 416 && from > 0) {
    if (response.headers.get('content-range') === `bytes */${from}`) return;
    fetched.tag = null;
    throw new Passing(416);
  }
  if (response.status >= 500 || response.status === 429) throw new Passing(response.status);
  if (!response.ok || response.body === null) {
    throw explainStatus(shown, response.status, await answer.readStart(), address.search !== '');
  }
  const goesOn = response.status === 206 && from > 0;
  if (!goesOn) Object.assign(fetched, await begin(response, wanted));
  // A range that starts elsewhere would be another file.
  else if (!(response.headers.get('content-range') ?? '').startsWith(`bytes ${from}-`)) throw new Passing(206);
  await using handle = await open(file, goesOn ? 'r+' : 'w', 0o600);
  for await (const chunk of answer.read()) {
    try {
      await handle.write(chunk, 0, chunk.length, fetched.bytes);
    } catch (error) {
      throw explainWrite(error, wanted.directory);
    }
    fetched.bytes += chunk.length;
    const { bytes, totalBytes } = fetched;
    report(
      `fetching ${basename(file)}: ${formatBytes(bytes)}${totalBytes === null ? '' : ` of ${formatBytes(totalBytes)}`}`,
    );
  }
  if (fetched.totalBytes === null || fetched.bytes === fetched.totalBytes) return;
  if (fetched.bytes < fetched.totalBytes) throw new Passing(0);
  throw notFetched(
    `${shown} sent ${fetched.bytes} bytes, and said that it has ${fetched.totalBytes}: see what is in between.`,
  );
}

async function begin({ headers }: Response, { directory }: Wanted): Promise<Progress> {
  // What is unpacked on the way has another size than the server says, and no part of it can be asked for.
  const isPacked = !['', 'identity'].includes(headers.get('content-encoding') ?? '');
  const length = headers.get('content-length');
  const totalBytes = isPacked || length === null ? null : Number(length);
  const { bavail, bsize } = await statfs(directory);
  if (totalBytes !== null && totalBytes > bavail * bsize * 0.9) {
    const message = `The backup has ${formatBytes(totalBytes)}, and in ${directory} there are ${formatBytes(bavail * bsize)} left, of which a tenth is for others. Free some, or set TMPDIR to another disk.`;
    throw new OperationalError('DISK_FULL', message);
  }
  const etag = headers.get('etag');
  const strong = etag === null || etag.startsWith('W/') ? headers.get('last-modified') : etag;
  return { bytes: 0, totalBytes, tag: isPacked ? null : strong };
}

/** Something that may be over the next time. */
class Passing extends Error {
  readonly code: string;
  constructor(status: number) {
    super('passing');
    this.code = status === 0 ? 'ECONNRESET' : `status ${status}`;
  }
}

function isPassing(error: unknown): boolean {
  return (
    error instanceof Passing || /ECONNRESET|UND_ERR|EPIPE|ETIMEDOUT|EAI_AGAIN|terminated|STALLED/.test(codeOf(error))
  );
}

/** A name that others have chosen: nothing in it may lead elsewhere. */
function nameOf({ pathname }: URL): string {
  const last = pathname.split('/').at(-1) ?? '';
  const decoded = decode(last).slice(-150);
  return decoded === '' ? 'backup' : fileSafe(decoded);
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function explainWrite(error: unknown, directory: string): unknown {
  if (!['ENOSPC', 'EDQUOT'].includes((error as NodeJS.ErrnoException).code ?? '')) return error;
  const message = `There is no space left in ${directory} for the backup that is fetched. Free some, or set TMPDIR to another disk.`;
  return new OperationalError('DISK_FULL', message, { cause: error });
}
