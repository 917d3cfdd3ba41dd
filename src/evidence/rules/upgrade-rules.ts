import type { RuleTexts } from './rule.ts';

/** Of an upgrade to a newer major version of PostgreSQL. */
export const upgradeRules = {
  UPGRADE_SETTING_REFUSED: [
    'A setting of the database or of a role (`ALTER DATABASE`, `ALTER ROLE … SET`) is none that the new major version takes.',
    'It was removed or renamed there, or the value is not one of its values any more.',
    'Reset it before the upgrade, or set what takes its place afterwards. [versions.md](versions.md) lists what was removed.',
  ],
  UPGRADE_EXTENSION_REMOVED: [
    'The database has an extension that the new major version does not have any more.',
    'PostgreSQL took it out: `adminpack` in 17, for one.',
    'Drop it before the upgrade, once nothing uses it.',
  ],
  UPGRADE_FUNCTION_BROKEN: [
    'The body of a function uses a function, setting or column that the new major version does not have. It is restored all the same, and fails when it is called.',
    'A restore creates functions without reading them.',
    'Change or drop it before the upgrade. One that asks for the version first can be tolerated in the profile.',
  ],
  UPGRADE_FUNCTION_NOT_TAKEN: [
    'The new major version does not take the body of a function, which a restore does not notice.',
    'It names what is not there, or no longer fits; maybe it never worked.',
    'Call it in production. If it works there, it has to be changed before the upgrade.',
  ],
  UPGRADE_IN_PLACE_REFUSED: [
    '`pg_upgrade` would refuse the database. The way that was rehearsed, dump and restore, is open.',
    'A column has a type whose stored form means nothing to another server.',
    'Upgrade by dump and restore, or change the type of the column.',
  ],
  UPGRADE_PUBLIC_SCHEMA_CLOSED: [
    'Roles that could create tables in the schema `public` may not any more.',
    'Since PostgreSQL 15 only the owner of a database may by default, and a dump does not hold the old default.',
    'Grant it after the upgrade to the roles that need it.',
  ],
} as const satisfies RuleTexts;
