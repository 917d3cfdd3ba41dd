import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { OperationalError } from '../../system/operational-error.ts';
import { headBytes, Sealer, sealing } from '../../system/seal.ts';
import { readHead } from '../../system/read-head.ts';
import { formatBytes } from '../../terminal/format-bytes.ts';
import type { DumpFile } from '../../postgres/archive-input.ts';

/** What was inside of a layer. */
export interface Inside extends DumpFile {
  isDirectory: boolean;
}

/** Where what is inside of layers is put: for its owner alone, and never more than there is room for. */
export class Place {
  readonly #directory: string;
  readonly #signal: AbortSignal | undefined;
  readonly #mostBytes: number;

  private constructor(directory: string, signal: AbortSignal | undefined, mostBytes: number) {
    this.#directory = directory;
    this.#signal = signal;
    this.#mostBytes = mostBytes;
  }

  /**
   * @param directory a private one on this machine
   * @param mostBytes of a file that is put there; what is free, without a reserve for others, where it is not said
   */
  static async open(directory: string, signal?: AbortSignal, mostBytes?: number): Promise<Place> {
    return new Place(directory, signal, mostBytes ?? (await freeBytes(directory)));
  }

  /**
   * Writes a new file.
   * @throws OperationalError DISK_FULL
   */
  async store(source: AsyncIterable<Buffer> | Readable): Promise<Inside> {
    const file = this.#newPath();
    const sealer = new Sealer();
    const write = createWriteStream(file, { flags: 'wx', mode: 0o600 });
    try {
      await pipeline(source, this.#bounded(), sealing(sealer), write, { signal: this.#signal });
    } catch (error) {
      const { code = '' } = error as NodeJS.ErrnoException;
      if (code !== 'ENOSPC' && code !== 'EDQUOT') throw error;
      throw new OperationalError('DISK_FULL', this.#noSpace(), { cause: error });
    }
    const { head } = sealer;
    const { seal } = sealer.end();
    return { file, head, seal, isDirectory: false };
  }

  /**
   * Makes a new directory, and lets a program put a directory dump there.
   * @param sizeBytes of what comes
   * @param fill says what is wrong; null for nothing
   * @throws OperationalError DISK_FULL
   */
  async storeDirectory<Wrong>(
    sizeBytes: number,
    fill: (directory: string) => Promise<Wrong | null>,
  ): Promise<Inside | Wrong> {
    if (sizeBytes > this.#mostBytes) throw new OperationalError('DISK_FULL', this.#noSpace());
    const file = this.#newPath();
    await mkdir(file, { mode: 0o700 });
    const wrong = await fill(file);
    if (wrong !== null) return wrong;
    const head = await readHead(join(file, 'toc.dat'), headBytes);
    return { file, head, seal: null, isDirectory: true };
  }

  #newPath(): string {
    return join(this.#directory, `${randomUUID()}.unpacked`);
  }

  /** A small file can hold more than any disk. */
  #bounded() {
    const most = this.#mostBytes;
    const noSpace = this.#noSpace();
    return async function* (source: AsyncIterable<Buffer>) {
      let sizeBytes = 0;
      for await (const chunk of source) {
        sizeBytes += chunk.length;
        if (sizeBytes > most) throw new OperationalError('DISK_FULL', noSpace);
        yield chunk;
      }
    };
  }

  #noSpace(): string {
    return `There is no space left to decompress the dump: unpacked, it takes more than the ${formatBytes(this.#mostBytes)} that may be used in ${this.#directory}. Free some, or set TMPDIR to another disk.`;
  }
}

/** A tenth is left to others on the machine. */
async function freeBytes(directory: string): Promise<number> {
  const { bavail, bsize } = await statfs(directory);
  return Math.floor(bavail * bsize * 0.9);
}
