import type { Readable } from 'node:stream';
import type { DumpFile } from '../../postgres/archive-input.ts';
import type { ToolLimits } from '../../postgres/tool.ts';
import type { BackupFinding } from './backup-finding.ts';

export type CompressionName = 'gzip' | 'zstd';

/** What a dump was compressed with as a whole: until that is undone, nothing can be said of what is inside. */
export interface Compression<Name extends CompressionName = CompressionName> {
  readonly name: Name;
  /** Its first bytes, in hexadecimal digits. */
  readonly magic: string;
  /**
   * Hands what is inside to `store`.
   * @returns what is wrong with the compressed file; null for nothing
   */
  decompress(dump: DumpFile, store: Store, limits: DecompressionLimits): Promise<BackupFinding | null>;
}

export type Store = (decompressed: Readable) => Promise<void>;

export interface DecompressionLimits extends ToolLimits {
  /** Search path for programs. */
  path: string;
}
