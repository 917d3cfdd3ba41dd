import { imagesWith, isContrib } from '../postgres/extension-packages.ts';

/** The image that a database of this version takes, with its extensions; null where nothing says it, and a drill finds it out. Pure. */
export function imageFor(major: number | null, extensions: readonly string[]): string | null {
  if (major === null) return null;
  const others = extensions.filter((name) => !isContrib(name));
  return others.length === 0 ? `postgres:${major}` : (imagesWith(others, major)[0] ?? `postgres:${major}`);
}
