import type { DumpFile } from '../../postgres/archive-input.ts';
import type { DisposableTools } from '../../postgres/disposable.ts';
import type { DumpNeeds } from '../../postgres/dump-needs.ts';
import type { WantedExtension } from '../../postgres/extensions.ts';
import type { DumpedContents } from '../../postgres/plain-dump-contents.ts';
import type { RecoveryTools } from '../../postgres/recovery-tools.ts';
import type { ListedEntry } from '../../postgres/listed-entry.ts';
import type { PgRestoreOptions } from '../../postgres/restore.ts';
import type { ToolLimits, ToolRunner, ToolTarget } from '../../postgres/tool.ts';
import type { BackupFinding } from './backup-finding.ts';
import type { DumpDescription } from './dump-description.ts';
import type { DumpOutline } from './dump-outline.ts';

/** Formats of pg_dump, as it names them. */
export type FormatName = 'custom' | 'tar' | 'directory' | 'plain';

/** How a dump starts. */
export interface DumpStart {
  /** Its first bytes; of a directory, those of its table of contents. */
  head: Buffer;
  isDirectory: boolean;
}

/** A kind of backup: what tells it from others, and how it is read and restored. */
export interface BackupFormat<Name extends FormatName = FormatName> {
  readonly name: Name;
  /** Whether its tool has to be given a path, because it looks into several files, or jumps about in one. */
  readonly readByPath: boolean;
  recognise(start: DumpStart): boolean;
  /** What its first bytes say; null where they are not what this format starts with. */
  describe(head: Buffer): DumpDescription | null;
  /** What it says of itself and of what it needs, without any program; null where it cannot be read. */
  outline(dump: DumpFile): Promise<DumpOutline | null>;
  open(dump: DumpFile, reader: DumpReader): OpenDump;
}

/** The client programs that read a dump. */
export interface DumpReader {
  readonly tools: ToolRunner<'pg_restore'>;
  readonly limits: ToolLimits;
  /** What must not be shown. */
  readonly secrets: string[];
  /** Throws where machine or server are to blame for what a tool printed, and not the dump. */
  assertServerUp(log: string): Promise<void>;
}

/** A dump that can be read and restored. Its table of contents is read once, when it is first needed. */
export interface OpenDump {
  /** What is wrong with it, as far as reading shows, and what it says of itself. */
  examine(): Promise<{ findings: BackupFinding[]; description: DumpDescription }>;
  /**
   * What it fills a database with, by its own account; or what is wrong with it.
   * @param eachRow tables whose rows are hashed each for itself; the dump is read for it once more
   */
  readContents(eachRow?: ReadonlySet<string>): Promise<DumpedContents | BackupFinding[]>;
  /** Whether a role owns something in it. */
  readOwners(): Promise<(role: string) => boolean>;
  /** Its table of contents, to choose a part by; or why it cannot be relied on; null for a format that has none. */
  readEntries(): Promise<ListedEntry[] | BackupFinding | null>;
  /** What it needs of the server it is restored into; nothing, where it cannot be read: the restore says why. */
  readNeeds(): Promise<DumpNeeds>;
  /** Why it is not restored at all, whoever would do it; null where nothing stands in the way. */
  refuse(): Promise<Refusal | null>;
  /** To be called where it is not refused. */
  restore(session: RestoreSession, options: FillOptions): Promise<RestoreRun>;
}

/** What a dump holds that is never run. */
export interface Refusal {
  summary: string;
  expected: string;
  actual: string;
  findings: (BackupFinding & { object: string })[];
}

/** Who restores into a database, and with which programs. */
export interface RestoreSession {
  readonly tools: DisposableTools | RecoveryTools;
  readonly login: ToolTarget;
  /** Whether it gives objects to others without being a superuser: schemas and their privileges have to come first then. */
  readonly actsForOthers: boolean;
  /** Creates extensions as a superuser. Resolves with the schemas that came with them. */
  createExtensions(wanted: WantedExtension[]): Promise<string[]>;
}

/** How a database is filled. */
export interface FillOptions extends Omit<PgRestoreOptions, 'useList'> {
  /** Extensions that a superuser creates beforehand, where the dump has them. */
  extensions: string[];
  /** Versions of extensions at the source, by name, as far as they are known. */
  extensionVersions: Record<string, string>;
  /** The entries of its table of contents that are restored; all of them, if left out. */
  only?: ReadonlySet<number>;
  limits: ToolLimits;
}

/** What came of the tool that restored, whichever it was. */
export interface RestoreRun {
  tool: 'pg_restore' | 'psql';
  /** As they are shown in the evidence. */
  flags: string[];
  exitCode: number;
  stderr: string;
  /** Errors of the drop phase of --clean, for want of what is dropped; `stderr` is without them. */
  dropErrors: number;
  /** Whether the tool has gone on after an error. */
  goesOn: boolean;
  facts: Record<string, string | boolean>;
}
