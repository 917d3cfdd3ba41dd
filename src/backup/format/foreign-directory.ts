import type { BackupFinding } from './backup-finding.ts';

/** What a directory is that is no dump, by the names in it, with the next step. Pure. */
export function nameDirectory(names: string[]): BackupFinding {
  const rule = 'ARCHIVE_NOT_RECOGNISED';
  if (names.includes('PG_VERSION')) {
    return {
      rule,
      message:
        'This is no dump: it is a data directory of PostgreSQL, as pg_basebackup takes it, which is a physical backup.',
      remedy: 'Try it by starting a server of the same major version on a copy. What is taken here are dumps.',
    };
  }
  if (names.includes('toc.dat')) {
    return {
      rule: 'ARCHIVE_TRUNCATED',
      message: 'The table of contents of the directory, toc.dat, is not whole: pg_dump -Fd writes it last.',
      remedy:
        'The dump was not ended, or not all of it was copied: copy it again from off-host storage, and compare sizes.',
    };
  }
  const shown = names.toSorted().slice(-5).join(', ');
  const holds =
    names.length === 0
      ? 'nothing'
      : `${names.length === 1 ? 'one entry' : `${names.length} entries`}: ${names.length > 5 ? '… ' : ''}${shown}`;
  return {
    rule,
    message: `This is no dump: in the directory there is no toc.dat, which pg_dump -Fd writes last. It holds ${holds}.`,
    remedy: names.some((name) => name.endsWith('.dat') || name.endsWith('.dat.gz'))
      ? 'The dump was not ended, or not all of it was copied: copy it again from off-host storage, and compare sizes.'
      : 'If it is a directory of dumps, name one of them with --backup.',
  };
}
