import type { Evidence } from '../schema.ts';

/** The parts of the evidence that its short form is about. */
export type Tested = Pick<Evidence, 'verdict' | 'checks' | 'steps' | 'findings' | 'trigger'>;

/**
 * The evidence as in-toto's test-result v0.1, for programs that know nothing else of it. Whatever is not `verified` is FAILED, a
 * rehearsal that could not be run, too. Checks that were not run, or do not apply, are in none of the lists. Pure.
 * @param configuration where it stands what was run how
 */
export function testResultOf({ verdict, checks, steps, findings, trigger }: Tested, configuration: object): object {
  const named = (status: Evidence['checks'][number]['status']) =>
    checks.filter((check) => check.status === status).map(({ id }) => id);
  const warnings = findings.filter(({ severity }) => severity === 'warning').map(({ rule }) => rule);
  const failedSteps = steps.filter(({ status }) => status === 'failed').map(({ name }) => name);
  const passed = warnings.length === 0 ? 'PASSED' : 'WARNED';
  return {
    result: verdict === 'verified' ? passed : 'FAILED',
    configuration: [configuration],
    ...(trigger.ci?.startsWith('https://') === true && { url: trigger.ci }),
    passedTests: named('passed'),
    warnedTests: [...new Set(warnings)],
    failedTests: [...named('failed'), ...failedSteps],
  };
}
