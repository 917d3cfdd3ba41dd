import { join } from 'node:path';
import { backupStem } from '../../backup/backup-name.ts';
import { dumpDatabase, type DumpResult } from '../../postgres/dump.ts';
import type { Moment, OpenSnapshot } from '../../snapshot/take.ts';
import { toolLimits } from '../limits.ts';
import type { ServedDatabase } from '../served-database.ts';

/** The moment that a dump is of, with what it held, and the dump where it has begun already. */
export interface CapturedReference extends OpenSnapshot {
  dumping?: DumpUnderWay;
}

/** A dump that pg_dump is at work on. Disposed of, it is ended. */
export interface DumpUnderWay extends AsyncDisposable {
  readonly file: string;
  readonly path: string;
  /** As pg_dump takes it; null for what pg_dump does by itself. */
  readonly compression: string | null;
  /** What became of it. */
  readonly result: Promise<DumpResult & { durationMs: number }>;
  /** Gets the number of bytes written so far. Who is told last is told. */
  observe(onBytes: (sizeBytes: number) => void): void;
}

/**
 * Where the profile does not say how backups are compressed, and nobody asks for what production does: pg_dump takes two thirds of the
 * time for it, and the dump is a fifth larger. What is restored is the same.
 */
export const fastest = '1';

/** Has pg_dump begin with a dump of the moment, as the role that owns the database. */
export function startDump(
  { drill, server, asOwner }: ServedDatabase,
  { id, takenAt, encoding }: Pick<Moment, 'id' | 'takenAt' | 'encoding'>,
): DumpUnderWay {
  const { run, profile, choices } = drill;
  const compression = profile.backups?.compression ?? (choices.faithful === true ? null : fastest);
  const file = `${backupStem(profile.database.name, takenAt)}.dump`;
  const path = join(run.directory, file);
  let observer: (sizeBytes: number) => void = () => undefined;
  const ending = new AbortController();
  const end = () => {
    ending.abort();
  };
  run.signal.addEventListener('abort', end, { once: true });
  const startedAt = performance.now();
  const result = dumpDatabase(
    server,
    asOwner,
    id,
    path,
    { ...toolLimits(drill), signal: ending.signal },
    {
      encoding,
      selection: compression === null ? [] : [`--compress=${compression}`],
      onProgress: (sizeBytes) => {
        observer(sizeBytes);
      },
    },
  ).then((dumped) => ({ ...dumped, durationMs: performance.now() - startedAt }));
  // Whoever waits for it later hears of it then.
  const ended = result.then(
    () => undefined,
    () => undefined,
  );
  return {
    ...{ file, path, compression, result },
    observe: (onBytes) => (observer = onBytes),
    async [Symbol.asyncDispose]() {
      run.signal.removeEventListener('abort', end);
      end();
      await ended;
    },
  };
}
