import type { BackupFinding } from '../format/backup-finding.ts';
import { isBesideDump } from '../list-others.ts';
import { packed, packedEmpty } from './layer-findings.ts';
import type { Layer, LayerName } from './layer.ts';
import type { DumpFile } from '../../postgres/archive-input.ts';
import type { LayerLimits } from './layer.ts';
import type { Inside, Place } from './place.ts';

/** A file, or something else, in an archive of files. */
export interface ArchivedFile {
  name: string;
  sizeBytes: number;
  /** Links, devices and the like are `other`: they are never unpacked. */
  kind: 'file' | 'directory' | 'other';
}

/** An archive of files, and the program that unpacks it. */
interface Archive<Name extends LayerName> {
  name: Name;
  /** For people: `a zip archive`. */
  what: string;
  readByPath: boolean;
  /** As a person would unpack it. */
  command: string;
  recognise: (head: Buffer) => boolean;
  /** What is in it, or what is wrong with it. */
  list: (dump: DumpFile, limits: LayerLimits) => Promise<ArchivedFile[] | BackupFinding>;
  /** Hands over a file, by the name that it was listed with, or says what is wrong. */
  read: (dump: DumpFile, name: string, store: Store, limits: LayerLimits) => Promise<BackupFinding | null>;
  /** Puts files that have this path in front of their names into a directory, without the path; or says what is wrong. */
  unpack: (dump: DumpFile, files: Files, directory: string, limits: LayerLimits) => Promise<BackupFinding | null>;
}

export type Store = (source: AsyncIterable<Buffer>) => Promise<void>;

/** The files of a directory dump. */
export interface Files {
  /** Empty, or with a slash in the end. */
  path: string;
  /** Without the path. */
  names: string[];
}

/** A layer of an archive that holds one file, or the directory of one dump. Links and paths out of it are never followed. */
export function filesLayer<Name extends LayerName>(archive: Archive<Name>): Layer<Name> {
  const { name, what, command, readByPath, recognise } = archive;
  return {
    name,
    tells: `in ${what}`,
    readByPath,
    recognise,
    async undo(dump, place, limits) {
      const listed = await archive.list(dump, limits);
      if (!Array.isArray(listed)) return { wrong: listed };
      const chosen = chooseFiles(listed, what);
      if ('rule' in chosen) return { wrong: chosen };
      const inside =
        'file' in chosen
          ? await readOne(archive, dump, chosen.file, place, limits)
          : await place.storeDirectory(chosen.sizeBytes, (into) => archive.unpack(dump, chosen.files, into, limits));
      return 'rule' in inside ? { wrong: inside } : { inside, warnings: [packed(`in ${what}`, command)] };
    },
  };
}

async function readOne(
  archive: Archive<LayerName>,
  dump: DumpFile,
  file: string,
  place: Place,
  limits: LayerLimits,
): Promise<Inside | BackupFinding> {
  let inside: Inside | null = null;
  const store: Store = async (source) => {
    inside = await place.store(source);
  };
  const wrong = await archive.read(dump, file, store, limits);
  const stored = inside as Inside | null;
  if (wrong !== null) return wrong;
  return stored === null || stored.head.length === 0 ? packedEmpty(`in ${archive.what}`) : stored;
}

/** What of an archive is the dump. Pure. */
export function chooseFiles(
  listed: ArchivedFile[],
  what: string,
): BackupFinding | { file: string } | { files: Files; sizeBytes: number } {
  const all = listed.filter(({ kind }) => kind !== 'directory').map((file) => ({ ...file, name: bare(file.name) }));
  const strange = all.find(({ kind, name }) => kind === 'other' || leadsOut(name));
  if (strange !== undefined) return unsafe(what, strange.name);
  if (all.some(({ name }) => /(?:^|\/)(?:global\/pg_control|backup_label|PG_VERSION)$/.test(name)))
    return physical(what);
  // Where there is nothing else, it is what somebody has packed.
  const dumps = all.filter(({ name }) => !isBesideDump(name));
  const files = dumps.length === 0 ? all : dumps;
  const [first] = files;
  if (first === undefined) return packedEmpty(`in ${what}`);
  if (files.length === 1) return { file: listed.find(({ name }) => bare(name) === first.name)?.name ?? first.name };
  const contents = files.find(({ name }) => /(?:^|\/)toc\.dat$/.test(name));
  const path = contents?.name.replace(/toc\.dat$/, '');
  const names = files.map(({ name }) => name);
  if (path === undefined || !names.every((name) => isOfDump(name, path))) return several(what, names);
  const sizeBytes = files.reduce((sum, file) => sum + file.sizeBytes, 0);
  return { files: { path, names: names.map((name) => name.slice(path.length)) }, sizeBytes };
}

/** tar writes `./` in front where it was told to pack `.`. */
function bare(name: string): string {
  return name.replace(/^(?:\.\/)+/, '');
}

function leadsOut(name: string): boolean {
  return name.startsWith('/') || /^[A-Za-z]:/.test(name) || name.split(/[\\/]/).includes('..');
}

/** What pg_dump writes into a directory: its table of contents, data of tables, large objects. */
function isOfDump(name: string, path: string): boolean {
  return name.startsWith(path) && /^(?:toc\.dat|\w+\.dat|blobs\w*\.toc)(?:\.\w+)?$/.test(name.slice(path.length));
}

function unsafe(what: string, name: string): BackupFinding {
  return {
    rule: 'ARCHIVE_NOT_RECOGNISED',
    message: `The file is ${what} that holds a link, a device or a path that leads out of it (${JSON.stringify(name.slice(0, 80))}), as no archive of a dump does: nothing of it was unpacked.`,
    remedy: 'Find out who made it. Pack the dump alone.',
  };
}

function physical(what: string): BackupFinding {
  return {
    rule: 'ARCHIVE_NOT_RECOGNISED',
    message: `The file is ${what} of a data directory of PostgreSQL, as pg_basebackup takes it: a physical backup, not a dump.`,
    remedy: 'Try it by starting a server of the same major version on it. What is taken here are dumps of pg_dump.',
  };
}

function several(what: string, names: string[]): BackupFinding {
  const shown = names.slice(0, 5).map((name) => name.slice(0, 80));
  return {
    rule: 'ARCHIVE_NOT_RECOGNISED',
    message: `The file is ${what} of ${names.length} files (${shown.join(', ')}${names.length > 5 ? ' …' : ''}): which of them is the dump, it does not say.`,
    remedy: 'Unpack it, and name the dump in it with --backup.',
  };
}
