import type { Check } from '../../../evidence/schema.ts';

/** A check of objects that have to be equal. @param differing those that are not */
export function objectsCheck(id: string, expected: string, differing: string[]): Check {
  const equal = differing.length === 0;
  const actual = equal ? 'all are' : `not ${differing.slice(0, 5).join(', ')}`;
  return { id, status: equal ? 'passed' : 'failed', reason: null, expected, actual };
}
