import { relative, resolve, sep } from 'node:path';

/** A path as the files of a project name it: relative where it is below, else absolute. Pure. */
export function nearbyIn(project: string, path: string): string {
  const near = relative(project, resolve(project, path));
  if (near === '') return '.';
  return near === '..' || near.startsWith(`..${sep}`) ? resolve(project, path) : near;
}
