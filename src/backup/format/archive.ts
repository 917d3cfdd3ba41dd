import { isTarArchive } from '../../postgres/archive-header.ts';
import { findAppended } from './appended-archive.ts';
import { outlineArchive } from './archive-outline.ts';
import type { BackupFormat } from './backup-format.ts';
import { describeHeader, openArchive } from './open-archive.ts';

/** `pg_dump -Fc`: one file, which is read from its start to its end. */
export const custom: BackupFormat<'custom'> = {
  name: 'custom',
  readByPath: false,
  recognise: ({ head, isDirectory }) => !isDirectory && head.toString('latin1', 0, 5) === 'PGDMP',
  describe: describeHeader,
  outline: outlineArchive,
  open(dump, reader) {
    const opened = openArchive(dump, reader);
    return {
      ...opened,
      async readContents(eachRow) {
        const appended = eachRow === undefined ? await findAppended(dump) : null;
        return appended === null ? opened.readContents(eachRow) : [appended];
      },
    };
  },
};

/** `pg_dump -Ft`: the first file in it is the table of contents. */
export const tar: BackupFormat<'tar'> = {
  name: 'tar',
  readByPath: true,
  recognise: ({ head, isDirectory }) => !isDirectory && isTarArchive(head),
  describe: (head) => describeHeader(head.subarray(512)),
  outline: outlineArchive,
  open: openArchive,
};
