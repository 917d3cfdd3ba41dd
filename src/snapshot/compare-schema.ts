import { createTwoFilesPatch } from 'diff';
import type { Found } from './difference.ts';
import type { SchemaEntry, Snapshot } from './snapshot.ts';

/** Compares definitions, object by object. Pure. */
export function compareSchemas(before: Snapshot['schema'], after: Snapshot['schema']): Found[] {
  const missing = Object.entries(before)
    .filter(([key, entry]) => !Object.hasOwn(after, key) && !isInitial(key, entry))
    .map(([, entry]) => oneSided(entry, 'missing'));
  const unexpected = Object.entries(after)
    .filter(([key, entry]) => !Object.hasOwn(before, key) && !isInitial(key, entry) && !isBroughtByExtension(entry))
    .map(([, entry]) => oneSided(entry, 'unexpected'));
  const changed = Object.entries(before).flatMap(([key, entry]) => {
    const restored = after[key];
    return restored === undefined || restored.definition === entry.definition
      ? []
      : [changedEntry(key, entry, restored)];
  });
  return [...missing, ...unexpected, ...changed];
}

/**
 * Whether an entry says no more than that something is there, which every new database has. Context: pg_dump writes it where that was
 * made anew, or is somebody else's. Still caught: another owner, comment or privilege of the schema public; a plpgsql that
 * is not there, by facets/extensions.ts.
 */
function isInitial(key: string, { definition }: SchemaEntry): boolean {
  return key === 'SCHEMA public' ? /^-- \*not\* [^\n]*$/.test(definition) : ofPlpgsql.has(key);
}

const ofPlpgsql = new Set(['EXTENSION plpgsql', 'COMMENT EXTENSION plpgsql']);

/**
 * CREATE EXTENSION comments on the extension. Context: somebody took the comment away, or dumped without comments. Still caught: a
 * comment that is missing or another one.
 */
function isBroughtByExtension({ type, object }: SchemaEntry): boolean {
  return type === 'COMMENT' && object.startsWith('EXTENSION ');
}

/** `FK CONSTRAINT` and missing become FK_CONSTRAINT_MISSING. */
function named<Kind extends Found['kind']>({ type, object }: SchemaEntry, kind: Kind) {
  return { rule: `${type.replace(/[^A-Z]+/g, '_')}_${kind.toUpperCase()}`, kind, severity: 'error', object } as const;
}

function oneSided(entry: SchemaEntry, kind: 'missing' | 'unexpected'): Found {
  const [expected, actual] = kind === 'missing' ? ['defined', 'not defined'] : ['not defined', 'defined'];
  return {
    ...named(entry, kind),
    expected,
    actual,
    remedy:
      kind === 'missing'
        ? nextStepWithout(entry.type)
        : 'Something besides the restore defines it: template1, an extension, or a start-up script of the application.',
    ...withDiff(kind === 'missing' ? entry.definition : '', kind === 'missing' ? '' : entry.definition, entry),
  };
}

function nextStepWithout(type: string): string {
  return type === 'ACL'
    ? "Grant and revoke it again after every restore, by a script. Rights on what belongs to a superuser (built-in functions, members of extensions) come back only where a superuser restores: restoreAs: 'superuser' in the profile."
    : `Restore it from the schema's migrations, and find out why the dump or the restore leaves out ${type.toLowerCase()}s.`;
}

function changedEntry(entry: string, before: SchemaEntry, after: SchemaEntry): Found {
  return {
    ...named(before, 'changed'),
    entry,
    // Context: PostgreSQL prints definitions otherwise from one major version to the next; still caught: what is missing.
    origin: 'version',
    expected: 'the same definition',
    actual: 'another definition',
    remedy: 'Read the diff: what stands behind - was not restored as it was.',
    ...withDiff(before.definition, after.definition, before),
  };
}

/** Options of these can hold passwords. */
const secretive = new Set(['USER MAPPING', 'SERVER', 'SUBSCRIPTION', 'FOREIGN TABLE', 'FOREIGN DATA WRAPPER']);

function withDiff(before: string, after: string, { type }: SchemaEntry): { diff?: string } {
  if (secretive.has(type)) return {};
  const patch = createTwoFilesPatch('source', 'restored', lines(before), lines(after), undefined, undefined, {
    context: 2,
  });
  return { diff: patch.split('\n').slice(1).join('\n').trimEnd() };
}

function lines(definition: string): string {
  return definition === '' ? '' : `${definition}\n`;
}
