import { basename } from 'node:path';

/** How the name of a file ends that is a rehearsal. */
export const rehearsalSuffix = /\.rehearsal\.m?[jt]s$/;

/** `clean-state` for `…/rehearsals/clean-state.rehearsal.ts`. */
export function rehearsalName(file: string): string {
  return basename(file).replace(rehearsalSuffix, '');
}
