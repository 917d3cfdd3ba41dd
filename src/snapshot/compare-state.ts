import type { Difference } from './difference.ts';
import type { Snapshot, StateCategory } from './snapshot.ts';

interface CategoryRule {
  /** Whether an object that is on one side only shows in the definitions, and is left to those. */
  defined: boolean;
  remedy: string;
}

const categories: Record<StateCategory, CategoryRule> = {
  DATABASE: {
    defined: false,
    remedy: 'Create the database as the source was created: pg_dump --create writes the statement.',
  },
  DATABASE_SETTING: {
    defined: false,
    remedy: 'Run the ALTER DATABASE … SET of the source after a restore: a dump holds them only with --create.',
  },
  EXTENSION: {
    defined: false,
    remedy: 'Install the same version of the extension on the server that is restored to.',
  },
  MATERIALIZED_VIEW_DATA: { defined: true, remedy: 'Run REFRESH MATERIALIZED VIEW, and read the log of pg_restore.' },
  CONSTRAINT_STATE: {
    defined: true,
    remedy: 'Run ALTER TABLE … VALIDATE CONSTRAINT, and mend the rows that it names.',
  },
  TRIGGER_STATE: { defined: true, remedy: 'Enable or disable the trigger as it was at the source.' },
  INDEX_STATE: { defined: true, remedy: 'Run REINDEX: the index is not used as it is.' },
  TABLE_STATE: {
    defined: true,
    remedy: 'Set row security, replica identity or clustering of the table as at the source.',
  },
  COLLATION_VERSION: {
    defined: false,
    remedy: 'Restore on the same release of the operating system or image, or run REINDEX: sort order may differ.',
  },
  LARGE_OBJECT_STATE: {
    defined: false,
    remedy: 'Restore with a superuser, who can give large objects back to their owners.',
  },
  SUBSCRIPTION: {
    defined: false,
    remedy: 'Dump with a superuser, as pg_dump leaves subscriptions out otherwise, or create it anew after a restore.',
  },
  USER_MAPPING: {
    defined: true,
    remedy: 'Dump with a superuser, who sees the options of every user mapping, or set them anew after a restore.',
  },
  ROLE: { defined: false, remedy: 'Restore the roles with pg_dumpall --globals-only before the database.' },
  ROLE_MEMBERSHIP: { defined: false, remedy: 'Restore the roles with pg_dumpall --globals-only before the database.' },
};

/** Compares what definitions do not say, as far as it was read on both sides. Pure. */
export function compareState(before: Snapshot['state'], after: Snapshot['state']): Difference[] {
  return (Object.keys(categories) as StateCategory[]).flatMap((category) => {
    const [expected, actual] = [before[category], after[category]];
    if (expected === undefined || actual === undefined) return [];
    return compareCategory(category, categories[category], expected, actual);
  });
}

type Values = Record<string, string>;

function compareCategory(
  category: StateCategory,
  { defined, remedy }: CategoryRule,
  before: Values,
  after: Values,
): Difference[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap((object) => {
    const [expected, actual] = [before, after].map((values) =>
      Object.hasOwn(values, object) ? values[object] : undefined,
    );
    if (expected === actual) return [];
    if (defined && (expected === undefined || actual === undefined)) return [];
    const what = expected === undefined ? 'UNEXPECTED' : actual === undefined ? 'MISSING' : 'CHANGED';
    const shown = { expected: expected ?? 'none', actual: actual ?? 'none' };
    return [{ rule: `${category}_${what}`, severity: 'error' as const, object, ...shown, remedy }];
  });
}
