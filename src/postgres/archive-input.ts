import { createReadStream } from 'node:fs';
import { readSealed, type Seal } from '../system/seal.ts';
import type { ToolCall } from './tool.ts';

/** A dump whose bytes are known: who reads it gets those that were examined, or an error. */
export interface DumpFile {
  /** Where it is read from. */
  file: string;
  /** Its first bytes; of a directory, those of its table of contents. */
  head: Buffer;
  /** null where pg_restore reads it by itself, by path: then `file` is private, and nobody else writes there. */
  seal: Seal | null;
}

/** How a client program is given a dump: through standard input, as the runbook does it, or by path. */
export function archiveInput({ file, seal }: DumpFile): Pick<ToolCall, 'stdinFile' | 'inputPath' | 'editStdin'> {
  if (seal === null) return { inputPath: file };
  return { stdinFile: file, editStdin: (source) => readSealed(source, seal, file) };
}

/** How a program is given a file that it reads from its start to its end, whatever becomes of what is inside. */
export function streamInput({ file, seal }: DumpFile): Pick<ToolCall, 'stdinFile' | 'editStdin'> {
  return { stdinFile: file, ...(seal !== null && { editStdin: (source) => readSealed(source, seal, file) }) };
}

/**
 * The bytes of a dump that is one file.
 * @throws OperationalError BACKUP_CHANGED
 */
export function readDump({ file, seal }: DumpFile): AsyncIterable<Buffer> {
  const source = createReadStream(file, { highWaterMark: 1024 * 1024 });
  return seal === null ? source : readSealed(source, seal, file);
}
