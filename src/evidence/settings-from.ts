import type { Evidence } from './schema.ts';

type Environment = Evidence['environment'];

/** What the settings of the disposable server are, for people. */
export const settingsTitles: Readonly<Record<Environment['settingsFrom'], string>> = {
  throwaway: 'Settings that a production server would not have, so times differ there',
  stock: 'Settings of the server, as one has them that nobody has tuned',
  target: 'Settings of the target, which somebody else provides',
  production: 'Settings of the server, as production had them when the backup was taken',
};

/** `fsync here off, there on`. Pure. */
export function describeUnlike(unlike: Environment['unlikeProduction']): string {
  return unlike
    .map(({ name, here, production }) => `${name} here ${here}, there ${production ?? 'not recorded'}`)
    .join('; ');
}
