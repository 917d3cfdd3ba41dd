import { redact } from '../system/redact.ts';
import { withoutRows } from '../system/without-rows.ts';
import { describeExpected, describeProbe, healthProbe, waitForProbe, type ProbeErrorKind } from '../app/probe.ts';
import type { Finding } from '../evidence/schema.ts';
import type { ApplicationUnderTest } from './application-under-test.ts';
import type { DatabaseUse } from './database-use.ts';
import type { Run } from './run.ts';
import { OperationalError, type ErrorCode } from '../system/operational-error.ts';

/** Something that is wrong with an application: `code` says which of its checks failed. */
export interface ApplicationError {
  code: Extract<ErrorCode, 'APPLICATION_EXITED' | 'PROBE_FAILED'> | (typeof healthCodes)[ProbeErrorKind];
  /** The request, or "application". */
  object: string;
  expected: string;
  actual: string;
}

/** What is wrong where the health check fails. */
const healthCodes = {
  unreachable: 'APPLICATION_UNREACHABLE',
  incomplete: 'APPLICATION_HANGS',
  status: 'APPLICATION_NOT_HEALTHY',
  body: 'HEALTH_BODY_MISMATCH',
} as const satisfies Record<ProbeErrorKind, ErrorCode>;

/**
 * Waits until the application is healthy and all its probes pass. Resolves with what is wrong at the end, if anything is.
 * @throws OperationalError SERVER_UNREACHABLE where its network does not lead to the server any more
 */
export async function findApplicationError(
  { signal, secrets }: Run,
  underTest: ApplicationUnderTest,
): Promise<ApplicationError | null> {
  const { app, current: application } = underTest;
  const checks = [
    { codes: healthCodes, probe: healthProbe(app.health), withinMs: app.health.withinMs },
    ...app.probes.map((probe) => ({ codes: null, probe, withinMs: probe.withinMs })),
  ];
  for (const { codes, probe, withinMs } of checks) {
    const { failure, actual } = await waitForProbe(application, probe, withinMs, signal);
    if (failure === null) continue;
    const exit = await application.readExit();
    const printed = exit === null ? await application.readLastLines().catch(() => []) : [];
    await underTest.assertServerInReach();
    return {
      code: exit !== null ? 'APPLICATION_EXITED' : (codes?.[failure] ?? 'PROBE_FAILED'),
      object: describeProbe(probe),
      expected: describeExpected(probe),
      actual: redact(
        exit ?? `not within ${withinMs / 1000} s; last answer: ${actual}${describePrinted(printed)}`,
        secrets,
      ),
    };
  }
  return null;
}

/** A line may be a whole page of data. */
const longestLine = 300;

function describePrinted(lines: string[]): string {
  const shown = lines.map((line) => (line.length > longestLine ? `${line.slice(0, longestLine)} …` : line));
  const text = withoutRows(shown.join('\n')).trim();
  return text === '' ? '' : `\nIts last lines:\n${text}`;
}

/** The error for an application that was not well before anything happened to its database. */
export function notStartedError({ code, object, expected, actual }: ApplicationError): OperationalError {
  if (code === 'APPLICATION_EXITED') {
    return new OperationalError(code, `The application is not up: ${actual}\nMend app in the profile and start again.`);
  }
  const what =
    code === 'PROBE_FAILED'
      ? 'A probe fails although nothing has happened yet'
      : 'The application does not get healthy';
  return new OperationalError(code, `${what}: ${object} should answer ${expected}, but ${actual}`);
}

/** The error for an application that fails on a restored database, and on the profile's seed as well. */
export function failsAnywayError({ code, object, expected, actual }: ApplicationError): OperationalError {
  const message = `The application fails on the seed of the profile, too, so nothing can be said of the backup: ${object} should answer ${expected}, but ${actual}\nMend app in the profile, or its seed, and start again.`;
  return new OperationalError(code, message);
}

/**
 * The error for an application that fails on a restored database for a reason of its own: it never logged in there, or it ended or
 * hung before it asked for anything. Its data cannot be to blame then. Null where it did ask. Pure.
 * @param findings of an application that was never healthy before
 */
export function withoutDatabaseError(
  findings: Pick<Finding, 'rule' | 'message'>[],
  { sessions, questions }: DatabaseUse,
): OperationalError | null {
  const [finding] = findings;
  if (finding === undefined || questions > 0) return null;
  const endedEarly = ['APPLICATION_EXITED', 'APPLICATION_UNREACHABLE', 'APPLICATION_HANGS'].includes(finding.rule);
  if (sessions > 0 && !endedEarly) return null;
  const what =
    sessions === 0
      ? 'The application never logged in to the restored database'
      : 'The application ended, or went silent, before it read anything of the restored database';
  return new OperationalError(
    'APPLICATION_WITHOUT_DATABASE',
    `${what}, so the backup is not to blame. ${finding.message}\nSee app.env in the profile (address, user, password, and what else it needs to start), and whether its network lets it reach the server.`,
  );
}
