import type { SchemaEntry } from './snapshot.ts';

/**
 * Privileges of a schema that was once the schema public, as those of any other. Context: pg_dump writes them as a difference from
 * what initdb gave to it, which a schema that a restore creates never had. Still caught: any other privilege, and one that its
 * owner has lost. Pure.
 * @returns null where nothing is left, as pg_dump writes nothing for a schema without privileges of its own
 */
export function normalisePrivileges(key: string, entries: Record<string, SchemaEntry>): SchemaEntry | null {
  const entry = entries[key];
  if (entry === undefined) return null;
  const { type, object, definition } = entry;
  const [, name] = (type === 'ACL' && ofRenamed.exec(definition)) || [];
  const owner = ownerLine.exec(entries[object]?.definition ?? '')?.[1];
  if (name === undefined || name === 'public' || owner === undefined) return entry;
  const meaningless = new Set([
    `REVOKE ALL ON SCHEMA ${name} FROM pg_database_owner;`,
    `REVOKE USAGE ON SCHEMA ${name} FROM PUBLIC;`,
    `GRANT ALL ON SCHEMA ${name} TO ${owner};`,
  ]);
  const left = definition.split('\n').filter((line) => !meaningless.has(line));
  return left.length === 0 ? null : { ...entry, definition: left.join('\n') };
}

const ofRenamed = /^REVOKE ALL ON SCHEMA (.+) FROM pg_database_owner;$/m;
const ownerLine = /^ALTER SCHEMA .+ OWNER TO (.+);$/m;
