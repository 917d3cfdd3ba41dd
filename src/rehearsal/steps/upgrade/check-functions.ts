import type { Finding } from '../../../evidence/schema.ts';
import { weighTolerated } from '../../../restore/tolerance.ts';
import { count } from '../../../terminal/count.ts';
import type { RestoredDatabase } from '../../restore-site.ts';
import type { StepBody } from '../../step.ts';
import { readFunctions, type ReadFunction } from '../../upgrade/functions.ts';
import { describeRemoved, findRemovedIn } from '../../upgrade/removed.ts';
import { upgradeOf, type Upgrade } from '../../upgrade/upgrade.ts';

/** Lets the new server read the bodies of all functions, and looks in them for what it does not have any more. */
export const checkFunctions: StepBody<{ restored: RestoredDatabase }> = async ({ profile, run }, { restored }) => {
  const upgrade = upgradeOf(restored.served);
  const functions = await readFunctions(restored.asAdmin);
  const findings = functions
    .flatMap((each) => judge(each, upgrade))
    .map((finding) => weighTolerated(finding, profile.tolerate, run.startedAt));
  const errors = findings.filter(({ severity }) => severity === 'error');
  const names = errors.map(({ object }) => object);
  return {
    summary: errors.length > 0 ? `not ready: ${names.join(', ')}` : `${count(functions.length, 'function')} read`,
    facts: { functions: functions.length },
    checks: [
      {
        id: 'upgrade-functions',
        status: errors.length > 0 ? 'failed' : 'passed',
        reason: null,
        expected: `nothing that PostgreSQL ${upgrade.to} removed in ${count(functions.length, 'function')}`,
        actual: errors.length > 0 ? `not ${names.slice(0, 5).join(', ')}` : 'nothing',
      },
    ],
    findings,
    coverage: {
      checked: [
        'bodies of functions in SQL, with all that they name; of those in PL/pgSQL the syntax, the types, and calls of what was removed',
      ],
      notChecked: [
        {
          what: 'statements that functions put together at run time, and code in other languages',
          why: 'they are known when they run: let the probes of the application call them',
        },
        {
          what: 'the application’s own statements',
          why: 'its probes are what speaks for them: see removed functions and columns in docs/versions.md',
        },
      ],
    },
  };
};

function judge({ object, code, problem }: ReadFunction, upgrade: Upgrade): Finding[] {
  const used = findRemovedIn(code, upgrade);
  if (used.length > 0) {
    const names = used.map((each) => `${each.name}: ${describeRemoved(each)}`).join('; ');
    return [
      {
        rule: 'UPGRADE_FUNCTION_BROKEN',
        severity: 'error',
        object,
        message: `${object} uses what PostgreSQL ${upgrade.to} does not have (${names}). It is restored, and fails when it is called.`,
        remedy:
          'Change the function in production before the upgrade, or drop it. Where it asks for the version first, tolerate it in the profile.',
      },
    ];
  }
  if (problem === null) return [];
  return [
    {
      rule: 'UPGRADE_FUNCTION_NOT_TAKEN',
      severity: 'warning',
      object,
      message: `${object} is not taken by PostgreSQL ${upgrade.to}: ${problem}. A restore creates it unread, and whether ${upgrade.from} took it is not known here.`,
      remedy:
        'Call it in production. If it works there, it has to be changed before the upgrade; if not, it can be dropped.',
    },
  ];
}
