import { createTwoFilesPatch } from 'diff';
import type { Difference } from './difference.ts';
import type { SchemaEntry, Snapshot } from './snapshot.ts';

/** Compares definitions, object by object. Pure. */
export function compareSchemas(before: Snapshot['schema'], after: Snapshot['schema']): Difference[] {
  const missing = Object.entries(before)
    .filter(([key]) => !Object.hasOwn(after, key))
    .map(([, entry]) => oneSided(entry, 'MISSING'));
  const unexpected = Object.entries(after)
    .filter(([key]) => !Object.hasOwn(before, key))
    .map(([, entry]) => oneSided(entry, 'UNEXPECTED'));
  const changed = Object.entries(before).flatMap(([key, entry]) => {
    const restored = after[key];
    return restored === undefined || restored.definition === entry.definition ? [] : [changedEntry(entry, restored)];
  });
  return [...missing, ...unexpected, ...changed];
}

/** `FK CONSTRAINT` and MISSING become FK_CONSTRAINT_MISSING. */
function rule({ type }: SchemaEntry, what: string): string {
  return `${type.replace(/[^A-Z]+/g, '_')}_${what}`;
}

function oneSided(entry: SchemaEntry, what: 'MISSING' | 'UNEXPECTED'): Difference {
  const [expected, actual] = what === 'MISSING' ? ['defined', 'not defined'] : ['not defined', 'defined'];
  return {
    rule: rule(entry, what),
    severity: 'error',
    object: entry.object,
    expected,
    actual,
    remedy:
      what === 'MISSING'
        ? `Restore it from the schema's migrations, and find out why the dump or the restore leaves out ${entry.type.toLowerCase()}s.`
        : 'Something besides the restore defines it: template1, an extension, or a start-up script of the application.',
    ...withDiff(what === 'MISSING' ? entry.definition : '', what === 'MISSING' ? '' : entry.definition, entry),
  };
}

function changedEntry(before: SchemaEntry, after: SchemaEntry): Difference {
  return {
    rule: rule(before, 'CHANGED'),
    severity: 'error',
    object: before.object,
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
  const patch = createTwoFilesPatch('source', 'restored', lines(before), lines(after), '', '', { context: 2 });
  return { diff: patch.split('\n').slice(1).join('\n').trimEnd() };
}

function lines(definition: string): string {
  return definition === '' ? '' : `${definition}\n`;
}
