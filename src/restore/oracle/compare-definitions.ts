import type { DumpDescription } from '../../backup/format/dump-description.ts';
import type { DumpedDefinition } from '../../postgres/plain-dump-definitions.ts';
import { majorVersion } from '../../postgres/version.ts';
import { facets } from '../../snapshot/facets.ts';
import type { Difference } from '../../snapshot/difference.ts';
import type { Ownership } from '../../snapshot/facet.ts';
import { normaliseSchema } from '../../snapshot/normalise-schema.ts';
import { schemaEntries } from '../../snapshot/schema-entries.ts';
import type { Snapshot } from '../../snapshot/snapshot.ts';
import { weigh } from '../../snapshot/weigh.ts';

/** How definitions were dumped, and who reads them back. */
export interface DefinitionsContext extends Pick<DumpDescription, 'serverVersion' | 'dumpVersion'> {
  ownership: Ownership;
  /** Version of the server that was restored to, and of its pg_dump. */
  restoredTo: string;
}

/** Compares definitions as a dump has them with those that pg_dump reads in the restored database, by the same rules. Pure. */
export function compareDefinitions(
  dumped: DumpedDefinition[],
  restored: Snapshot['schema'],
  context: DefinitionsContext,
): Difference[] {
  const { checks, origin, compare } = facets.schema;
  const before = normaliseSchema(schemaEntries(asRead(dumped, context)));
  const reference = { server: 'other', sameMajor: isSameMajor(context), leftOut: [] } as const;
  return compare(withoutInitial(before), withoutInitial(restored), 'schema')
    .map((found) => weigh({ checks, origin, ...found }, reference))
    .filter((difference) => difference !== null);
}

function isSameMajor({ serverVersion, dumpVersion, restoredTo }: DefinitionsContext): boolean {
  const major = majorVersion(restoredTo);
  return [serverVersion, dumpVersion].every((version) => version === null || majorVersion(version) === major);
}

/** What pg_dump --schema-only would have written, with --no-owner and --no-privileges where owners are not restored. */
function asRead(dumped: DumpedDefinition[], { ownership }: DefinitionsContext): DumpedDefinition[] {
  const isLeftOut = ({ type, object }: DumpedDefinition) =>
    ofData.test(type) || ofDatabase.test(object) || (ownership === 'runbook' && privileges.has(type));
  return dumped.map((definition) => {
    // Settings behind an entry are those of the next one.
    if (isLeftOut(definition)) return { ...definition, type: leftOut };
    if (ownership === 'preserve') return definition;
    return { ...definition, text: definition.text.replaceAll(ownerLine, '') };
  });
}

const leftOut = 'LEFT OUT';
const ofData = /^(?:TABLE DATA|SEQUENCE SET|MATERIALIZED VIEW DATA|STATISTICS DATA|BLOB.*|DATABASE.*)$/;
const ofDatabase = /^(?:LARGE OBJECTS?|DATABASE) /;
const privileges = new Set(['ACL', 'DEFAULT ACL']);
const ownerLine = /^(?:ALTER [^\n]* OWNER TO [^\n]*|SET SESSION AUTHORIZATION [^\n]*);$\n*/gm;

/** Every database starts with these; whether a dump has them depends on the version of pg_dump and on their owner. */
function withoutInitial(entries: Snapshot['schema']): Snapshot['schema'] {
  const kept = Object.entries(entries).filter(
    ([key, { type }]) => type !== leftOut && !initial.test(key),
  );
  return Object.fromEntries(kept);
}

const initial = /^(?:(?:COMMENT|ACL) )?(?:SCHEMA public|EXTENSION plpgsql|PROCEDURAL LANGUAGE plpgsql)$/;
