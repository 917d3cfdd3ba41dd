import type { DumpDescription } from '../../backup/format/dump-description.ts';
import type { DumpedDefinition } from '../../postgres/plain-dump-definitions.ts';
import { majorVersion } from '../../postgres/version.ts';
import { facets } from '../../snapshot/facets.ts';
import type { Difference } from '../../snapshot/difference.ts';
import type { Ownership } from '../../snapshot/facet.ts';
import { normaliseSchema } from '../../snapshot/normalise-schema.ts';
import { schemaEntries } from '../../snapshot/schema-entries.ts';
import type { Snapshot } from '../../snapshot/snapshot.ts';
import { elsewhere, explainDefinition, weigh, type Reference } from '../../snapshot/weigh.ts';

/** How definitions were dumped, and who reads them back. */
export interface DefinitionsContext extends Pick<DumpDescription, 'serverVersion' | 'dumpVersion'> {
  ownership: Ownership;
  /** Version of the server that was restored to, and of its pg_dump. */
  restoredTo: string;
  /** Whether the other major is what is rehearsed. */
  isUpgrade?: boolean;
}

/** Compares definitions as a dump has them with those that pg_dump reads in the restored database, by the same rules. Pure. */
export function compareDefinitions(
  dumped: DumpedDefinition[],
  restored: Snapshot['schema'],
  context: DefinitionsContext,
): Difference[] {
  const facet = facets.schema;
  // Who owns what is a part of the dump only where it gives objects to their owners.
  const owners =
    context.ownership === 'runbook'
      ? 'not read'
      : dumped.some((each) => !isPublic(each) && ownerLine.test(each.text))
        ? 'known'
        : 'unknown';
  const before = normaliseSchema(withoutOwners(schemaEntries(asRead(dumped, context)), owners));
  const reference = referenceOf(context);
  const [there, here] = [withoutInitial(before), withoutInitial(withoutOwners(restored, owners))];
  return facet
    .compare(there, here, 'schema')
    .filter((found) => explainDefinition({ origin: facet.origin, ...found }, there, here, reference) === null)
    .map((found) => weigh({ checks: facet.checks, origin: facet.origin, ...found }, reference))
    .filter((difference) => difference !== null);
}

/** A server and a pg_dump of two majors print by the rules of both: the older one says what may be printed otherwise. */
function referenceOf({ serverVersion, dumpVersion, restoredTo, isUpgrade = false }: DefinitionsContext): Reference {
  const known = [serverVersion, dumpVersion].filter((version) => version !== null);
  const [oldest = restoredTo] = known.toSorted((a, b) => majorVersion(a) - majorVersion(b));
  const reference = elsewhere(oldest, restoredTo);
  const sameMajor = known.every((version) => majorVersion(version) === majorVersion(restoredTo));
  return { ...reference, sameMajor, isUpgrade };
}

/** What pg_dump --schema-only would have written, with --no-owner and --no-privileges where owners are not restored. */
function asRead(dumped: DumpedDefinition[], { ownership }: DefinitionsContext): DumpedDefinition[] {
  const isLeftOut = ({ type, object, text }: DumpedDefinition) =>
    ofData.test(type) ||
    ofDatabase.test(object) ||
    (ownership === 'runbook' && privileges.has(type)) ||
    (isAmbiguous.test(object) && onlyData.test(text));
  // Settings behind an entry are those of the next one: what is left out stays in the list.
  return dumped.map((each) => (isLeftOut(each) ? { ...each, type: leftOut } : each));
}

/** @param owners whether the restored database was read with them, and the dump has them */
function withoutOwners(entries: Snapshot['schema'], owners: 'known' | 'unknown' | 'not read'): Snapshot['schema'] {
  if (owners === 'known') return entries;
  return Object.fromEntries(
    Object.entries(entries).map(([key, entry]) => {
      // Snapshots have these as a hash, owner included.
      const isHidden = owners === 'unknown' && hashed.has(entry.type);
      const definition = isHidden ? '' : entry.definition.replaceAll(everyOwnerLine, '').trim();
      return [key, { ...entry, definition }];
    }),
  );
}

/** With --use-set-session-authorization, it alone is given to its owner, whose session makes all else. */
function isPublic({ type, object }: DumpedDefinition): boolean {
  return type === 'SCHEMA' && object === 'public';
}

const leftOut = 'LEFT OUT';
const ofData = /^(?:TABLE DATA|SEQUENCE SET|MATERIALIZED VIEW DATA|STATISTICS DATA|BLOB.*|DATABASE.*)$/;
const ofDatabase = /^(?:LARGE OBJECTS?|DATABASE) /;
/** The name of an object that reads like a comment of pg_dump hides the type of its entry; what stands below tells data apart. */
const isAmbiguous = /; Type: /;
const onlyData = /^\s*(?:SELECT pg_catalog\.setval\([^\n]*\);\s*)?(?:SET default_\w+ = [^\n]*;\s*)*$/;
const privileges = new Set(['ACL', 'DEFAULT ACL']);
const name = String.raw`(?:"(?:[^"]|"")*"|[\w$]+)`;
/** What is altered may have line breaks in its name. */
const alters = String.raw`ALTER (?:[^;"]|"(?:[^"]|"")*")* OWNER TO ${name}`;
const ownerLine = new RegExp(`^${alters};$`, 'm');
const everyOwnerLine = new RegExp(String.raw`\s*^(?:${alters}|SET SESSION AUTHORIZATION [^\n]*);$`, 'gm');
const hashed = new Set(['SERVER', 'FOREIGN DATA WRAPPER', 'FOREIGN TABLE']);

/** Every database starts with these; whether a dump has them depends on the version of pg_dump and on their owner. */
function withoutInitial(entries: Snapshot['schema']): Snapshot['schema'] {
  const kept = Object.entries(entries).filter(([key, { type }]) => type !== leftOut && !initial.test(key));
  return Object.fromEntries(kept);
}

const initial = /^(?:(?:COMMENT|ACL) )?(?:SCHEMA public|EXTENSION plpgsql|PROCEDURAL LANGUAGE plpgsql)$/;
