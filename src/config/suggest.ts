import { relative, resolve } from 'node:path';
import { quote } from 'zx';
import { printable } from '../terminal/printable.ts';

type Command = 'backup' | 'offsite' | 'prune' | 'rehearse' | 'restore' | 'doctor';

/** What is null or false is not given. */
type Flag = string | boolean | null;

/**
 * A command to be typed next, as it has to be typed where this one was: every hint and remedy that names a command of ours comes
 * from here, for one without its profile would do its work on another one.
 * @param config as the flag has it; the profile that is looked for anyway is left out
 * @param names of rehearsals
 */
export function suggest(
  command: Command,
  { config, ...flags }: { config: string; [flag: string]: Flag },
  names: string[] = [],
): string {
  const profile = nearby(config);
  const given = Object.entries<Flag>({ ...flags, config: profile === defaultProfile ? null : profile });
  const words = [
    ...names,
    ...given.flatMap(([flag, value]) => {
      if (value === null || value === false) return [];
      return value === true ? [`--${flag}`] : [`--${flag}`, value];
    }),
  ];
  return printable(
    `npm run ${command}${words.length === 0 ? '' : ` -- ${words.map((word) => quote(word)).join(' ')}`}`,
  );
}

export const defaultProfile = 'rehearsal.config.ts';

/** A path as it is shown and typed here: relative where it leads down. */
export function nearby(path: string): string {
  const near = relative(process.cwd(), resolve(path));
  return near.startsWith('..') || near === '' ? resolve(path) : near;
}
