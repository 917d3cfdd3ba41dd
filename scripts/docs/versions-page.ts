import { removed, describeRemoved } from '../../src/rehearsal/upgrade/removed.ts';
import { everyDifference } from '../../src/snapshot/printed-otherwise.ts';
import { page, table } from './page.ts';

/** docs/versions.md: PostgreSQL 14 to 18, and upgrades from one to another. Pure. */
export function versionsPage(): string {
  return page('Versions of PostgreSQL', introduction, [upgrade, printed(), whatIsRemoved(), inPlace, tested]);
}

const introduction = [
  'Backups of PostgreSQL 14 to 18 are rehearsed with the programs of their own major version: an image of it, or what is installed. Where there is none, a newer one takes its place, and the evidence says so (`SERVER_OF_ANOTHER_MAJOR`). An older one cannot restore them (`SERVER_TOO_OLD`).',
];

const upgrade = `## An upgrade

\`\`\`console
npm run rehearse -- upgrade --config FILE
npm run rehearse -- upgrade --backup FILE --image postgres:18
\`\`\`

restores the newest backup into a newer major version with the tools of that version, and ends with \`ready for PostgreSQL 17\`, or with \`not ready\` and the names of what is not. It

1. asks the new server for every setting of the database and of its roles, and for every extension (\`UPGRADE_SETTING_REFUSED\`, \`UPGRADE_EXTENSION_REMOVED\`, \`EXTENSION_MISSING\`);
2. restores, and compares rows, sequences, large objects and state exactly. Definitions are compared exactly, too, but for what [both versions print otherwise](#what-is-printed-otherwise): anything else is an error here, and only a warning in \`latest-backup\`;
3. lets the new server read the body of every function, which a restore does not do, and looks in them for calls of what [was removed](#what-was-removed) (\`UPGRADE_FUNCTION_BROKEN\`, \`UPGRADE_FUNCTION_NOT_TAKEN\`);
4. starts the application on it, with its probes, and looks for corruption;
5. says what will be otherwise: versions of extensions, of collations, rights in the schema \`public\`.

The new version is \`upgrade.to\` of the profile, else the newest above that of the backup whose image (\`postgres.image\` with another major in its tag) is here, else the next one. Of this machine's programs it is the newest; \`REHEARSAL_PG_BINDIR\` names others. \`--image\`, or \`upgrade.image\`, names the image of production to be. Where nothing newer is to be had, it ends as could-not-run (\`NO_NEWER_MAJOR\`).

Settings in \`postgresql.conf\` are in no backup: compare that file by hand with the list below. \`--all\` does not run \`upgrade\`.`;

function printed(): string {
  const rows = everyDifference.map(({ between: [from, to], what, source, stillCaught }) => [
    Number.isFinite(to) ? `${from} and ${to}` : 'any two',
    what,
    source,
    stillCaught,
  ]);
  return `## What is printed otherwise

Found by restoring a database with every kind of object from 15 into 17, and from 17 into 18. A definition that differs in nothing else is the same.

${table(['between', 'what', 'by', 'still an error'], rows)}

Definitions with options that may hold passwords (foreign tables, servers) are known by a hash alone: where it differs between two majors, that is a warning.`;
}

function whatIsRemoved(): string {
  const rows = removed.map((each) => [
    String(each.since),
    each.kind,
    `\`${each.name}\`${each.of === undefined ? '' : ` of \`${each.of}\``}`,
    describeRemoved(each).replace(/^it was removed in PostgreSQL \d+(?:; in its place: )?/, '') || '–',
  ]);
  return `## What was removed

By the chapter “Migration to Version …” of the release notes. Settings and extensions are asked of the server itself, whether they are listed here or not.

${table(['since', 'what', 'name', 'in its place'], rows)}

Besides: 14 has no postfix operators, and its array functions take \`anycompatiblearray\` (an aggregate over \`array_append\` has to be created anew); since 15 only the owner of a database may create in its schema \`public\`; since 16 only who may grant a membership can be named as its grantor (roles of older servers are restored without); since 17 functions in indexes and materialised views run with a \`search_path\` of their own, as in every restore; 18 refuses unlogged partitioned tables.`;
}

const inPlace = `## pg_upgrade

The rehearsal is of dump and restore. \`pg_upgrade\` is another way, which takes the data directory of production, and refuses some databases that a dump takes: columns of \`aclitem\` into 16, and of \`regproc\`, \`regprocedure\`, \`regoper\`, \`regoperator\`, \`regcollation\`, \`regnamespace\`, \`regconfig\`, \`regdictionary\` always. They are a warning, \`UPGRADE_IN_PLACE_REFUSED\`. Other blockers of its own (prepared transactions, replication slots, the same data checksums on both sides) no backup shows: run \`pg_upgrade --check\`.

After \`pg_upgrade\` indexes are those of the old server: where the operating system has another version of a collation, REINDEX. A restore builds them anew; \`COLLATION_VERSION_CHANGED\` says that texts may sort otherwise.`;

const tested = `## How each version is tested

| version | server | tools | how |
| --- | --- | --- | --- |
| 14 | by hand | – | source of upgrades, with pg_dump of 15 |
| 15 | every test | every test | Debian bookworm; local and in containers |
| 16 | by hand | – | source of upgrades, with pg_dump of 17 |
| 17 | every test | every test | Debian trixie; in containers, and locally with the programs of that image |
| 18 | by hand | by hand | Debian sid; target of upgrades from 15 and 17 |`;
