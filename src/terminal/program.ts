import { existsSync, realpathSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { quote } from 'zx/core';
import { readEnvironment } from '../system/environment.ts';
import { root } from '../system/place.ts';

/** The package's program as it is typed in this directory: on the search path, or with npx where it is installed for a project. */
export function programOfPackage(): string {
  const file = join(root, 'dist', 'restore-rehearsal.js');
  const { path } = readEnvironment();
  // npm puts the programs of a project on the path of what it runs. In a terminal they are not there.
  const directories = path.split(delimiter).filter((directory) => !/node_modules\/\.bin\/?$/.test(directory));
  if (directories.some((directory) => isSame(join(directory, 'restore-rehearsal'), file))) return 'restore-rehearsal';
  const isOfProject = above(process.cwd()).some((directory) =>
    isSame(join(directory, 'node_modules/restore-rehearsal'), root),
  );
  return isOfProject || root.includes('/_npx/') ? 'npx restore-rehearsal' : `node ${quote(file)}`;
}

function above(directory: string): string[] {
  const parent = dirname(directory);
  return parent === directory ? [directory] : [directory, ...above(parent)];
}

function isSame(one: string, other: string): boolean {
  return existsSync(one) && existsSync(other) && realpathSync(one) === realpathSync(other);
}
