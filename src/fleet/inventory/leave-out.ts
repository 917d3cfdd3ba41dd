import { isPlain } from '../../config/merge-profile.ts';
import type { Listed } from './listed.ts';

/** Takes databases out of a list by their names, and says of each that it was. Pure. */
export function leaveOut({ list, from, leftOut }: Listed, except: readonly string[]): Listed {
  if (!Array.isArray(list) || except.length === 0) return { list, from, leftOut };
  const patterns = except.map((text) => ({ text, pattern: toPattern(text) }));
  const whyNot = (entry: unknown) => {
    const name = isPlain(entry) && typeof entry['name'] === 'string' ? entry['name'] : null;
    const found = name === null ? undefined : patterns.find(({ pattern }) => pattern.test(name));
    return name === null || found === undefined ? [] : [{ name, why: `the profile leaves out "${found.text}"` }];
  };
  return {
    from,
    list: list.filter((entry) => whyNot(entry).length === 0),
    leftOut: [...leftOut, ...list.flatMap(whyNot)],
  };
}

function toPattern(text: string): RegExp {
  const parts = text.split('*').map((part) => part.replaceAll(/[\\^$.+?()[\]{}|]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, 's');
}
