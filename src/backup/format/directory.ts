import type { BackupFormat } from './backup-format.ts';
import { outlineArchive } from './archive-outline.ts';
import { describeHeader, openArchive } from './open-archive.ts';

/** `pg_dump -Fd`: a directory with a table of contents, and a file for each table with data. */
export const directory: BackupFormat<'directory'> = {
  name: 'directory',
  readByPath: true,
  recognise: ({ isDirectory }) => isDirectory,
  describe: describeHeader,
  outline: outlineArchive,
  open: openArchive,
};
