import type { Check, Evidence } from '../../evidence/schema.ts';
import { compareSnapshots, type Difference } from '../../snapshot/compare.ts';
import { takeSnapshot } from '../../snapshot/take.ts';
import type { StepBody } from '../step.ts';
import { pairCounts } from '../tables.ts';

/** Compares the restored database with the reference. */
export const compare: StepBody = async (drill) => {
  const { snapshot: before } = drill.need('reference');
  const after = await takeSnapshot(drill.databaseAsAdmin);
  drill.mark('compared');
  const differences = compareSnapshots(before, after);
  const tables = before.tables.length;
  return {
    summary: differences.length === 0 ? `${tables} tables are equal` : `${differences.length} differences`,
    facts: { tables, differences: differences.length },
    counts: pairCounts(before, after, drill.profile.tables),
    checks: [
      tableCheck('row-counts', 'the same rows in number', tables, differences, countRules),
      tableCheck('content-digests', 'the same rows in content', tables, differences, contentRules),
    ],
    findings: differences.map(({ rule, object, expected, actual, remedy }) => ({
      rule,
      severity: 'error',
      object,
      message: `${object}: expected ${expected}, found ${actual}.`,
      remedy,
    })),
    coverage,
  };
};

const countRules: Difference['rule'][] = ['TABLE_MISSING', 'TABLE_UNEXPECTED', 'ROW_COUNT_MISMATCH'];
const contentRules: Difference['rule'][] = [...countRules, 'CONTENT_MISMATCH'];

function tableCheck(
  id: string,
  what: string,
  tables: number,
  differences: Difference[],
  rules: Difference['rule'][],
): Check {
  const differing = differences.filter(({ rule }) => rules.includes(rule)).map(({ object }) => object);
  return {
    id,
    status: differing.length === 0 ? 'passed' : 'failed',
    reason: null,
    expected: `${what} in all ${tables} tables`,
    actual: differing.length === 0 ? 'in all' : `not in ${differing.join(', ')}`,
  };
}

const notYet = 'this version of the harness does not compare it';

const coverage: Evidence['coverage'] = {
  checked: [
    'row counts of every table, partition and materialised view',
    'content of every table, partition and materialised view (order-independent 128-bit digest)',
  ],
  notChecked: [
    { what: 'definitions: columns, constraints, indexes, views, functions, triggers, policies', why: notYet },
    { what: 'sequence values, large objects, settings of the database', why: notYet },
    { what: 'owners and privileges', why: 'the runbook restores with --no-owner --no-privileges' },
  ],
};
