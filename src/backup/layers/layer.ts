import type { DumpFile } from '../../postgres/archive-input.ts';
import type { ToolLimits } from '../../postgres/tool.ts';
import type { BackupFinding } from '../format/backup-finding.ts';
import type { Inside, Place } from './place.ts';
import type { Keys } from '../encryption/keys.ts';
import type { Opened } from '../encryption/opened.ts';

export type LayerName =
  | 'age'
  | 'gpg'
  | 'command'
  | 'gzip'
  | 'zstd'
  | 'xz'
  | 'bzip2'
  | 'lz4'
  | 'zip'
  | '7z'
  | 'tar of files'
  | 'CRLF'
  | 'UTF-16'
  | 'byte order mark'
  | 'preamble';

/**
 * What is around a dump as it lies there: a compression, an archive of files, what a terminal or an editor has made of it. Until
 * that is undone, nothing can be said of what is inside.
 */
export interface Layer<Name extends LayerName = LayerName> {
  readonly name: Name;
  /** What the evidence says of the dump inside: `compressed with gzip`. */
  readonly tells: string;
  /** Whether its program jumps about in the file, and has to be given a path. */
  readonly readByPath: boolean;
  recognise(head: Buffer): boolean;
  /** Puts what is inside into a private place. */
  undo(dump: DumpFile, place: Place, limits: LayerLimits): Promise<Undone>;
}

/** What was inside, and, of what was encrypted, which key has opened it; and what has to be mended about the file; or what is wrong with it. */
export type Undone = { inside: Inside; warnings: BackupFinding[]; opened?: Opened } | { wrong: BackupFinding };

export interface LayerLimits extends ToolLimits {
  /** Search path for programs. */
  path: string;
  /** What opens encrypted backups. */
  keys: Keys;
}

/** The same, where nothing opens what is encrypted if no keys are given. */
export type ReadLimits = Omit<LayerLimits, 'keys'> & { keys?: Keys };
