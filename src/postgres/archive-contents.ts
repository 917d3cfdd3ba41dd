import { bareVersion } from './version.ts';

/** What an archive says of itself. */
export interface ArchiveContents {
  database: string;
  /** `CUSTOM`, `DIRECTORY`, `TAR`. */
  format: string;
  /** Version of the server that it was taken from, for example `15.18`. */
  serverVersion: string;
  /** Version of the pg_dump that took it. */
  dumpVersion: string;
}

/** Reads the head of what `pg_restore --list` prints, in English. Null where it is not there. Pure. */
export function readArchiveContents(list: string): ArchiveContents | null {
  const field = (name: string) => new RegExp(`^; +${name}: (.*)$`, 'm').exec(list)?.[1];
  const [database, format] = [field('dbname'), field('Format')];
  const [server, tool] = [field('Dumped from database version'), field('Dumped by pg_dump version')];
  if (database === undefined || format === undefined || server === undefined || tool === undefined) return null;
  return { database, format, serverVersion: bareVersion(server), dumpVersion: bareVersion(tool) };
}
