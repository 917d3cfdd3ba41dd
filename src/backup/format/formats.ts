import { custom, tar } from './archive.ts';
import type { BackupFormat, DumpStart, FormatName } from './backup-format.ts';
import { directory } from './directory.ts';
import { plain } from './plain-sql.ts';

/** Every format that can be restored. The first that recognises a dump takes it. */
const formats: { [Name in FormatName]: BackupFormat<Name> } = { custom, tar, directory, plain };

/** The format of a dump by how it starts; null for what pg_dump does not write. Pure. */
export function recogniseFormat(start: DumpStart): BackupFormat | null {
  return Object.values(formats).find((format) => format.recognise(start)) ?? null;
}

/** What is none of ours goes to pg_restore all the same, which says why it is none. */
export const unrecognised = formats.custom;
