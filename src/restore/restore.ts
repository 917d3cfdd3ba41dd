import type { Check, Facts, Finding } from '../evidence/schema.ts';
import type { OpenDump, Refusal, RestoreRun } from '../backup/format/backup-format.ts';
import { classifyRestoreErrors } from '../postgres/restore-errors.ts';
import { whileWatched } from '../postgres/watch-activity.ts';
import { assertServerUp, toolLog } from '../postgres/tool-errors.ts';
import { OperationalError } from '../system/operational-error.ts';
import { lastLine } from '../system/last-line.ts';
import { redact } from '../system/redact.ts';
import { withoutRows } from '../system/without-rows.ts';
import { findNoRows } from './dump-parts.ts';
import type { RestoreOptions } from './restore-options.ts';
import { watchStatement } from './statement-watch.ts';
import type { Target } from './target.ts';
import { weighTolerated } from './tolerance.ts';

/** What came of a restore. */
export interface RestoreOutcome {
  summary: string;
  check: Check;
  facts: Facts;
  findings: Finding[];
  /** What the tool printed, by file name, without secrets and rows. */
  logs: Record<string, string>;
}

/**
 * Fills an empty database with a backup: the one way to do so, for drills and incidents alike. What the tool that restores
 * says is read and named; what the profile tolerates is a warning.
 * @throws OperationalError for what is not the backup's fault
 */
export async function restore(dump: OpenDump, target: Target, options: RestoreOptions): Promise<RestoreOutcome> {
  const refusal = await dump.refuse();
  if (refusal !== null) return refused(refusal);
  await assertHasAll(dump, target, options);
  await using restorer = await target.logIn(dump, options);
  const { ownership, restoreAs, tolerate, extensions, limits, onProgress, onActivity, only, jobs } = options;
  const asSuperuser = restoreAs === 'superuser';
  using watch = watchStatement(target, limits.timeoutMs);
  const fill = () =>
    dump.restore(restorer, {
      // Without owners, everything would be the superuser's.
      ownership: asSuperuser ? 'preserve' : ownership,
      goOn: tolerate.length > 0,
      // It creates them itself, as the dump has them. Every database has plpgsql, and only a superuser may comment on it.
      extensions: asSuperuser ? [] : ['plpgsql', ...extensions],
      extensionVersions: options.extensionVersions ?? {},
      limits,
      ...(onProgress && { onProgress }),
      ...(only && { only }),
      ...(jobs !== undefined && { jobs }),
    });
  const watching = onActivity && target.server.watch?.(target.database, onActivity);
  const run = await whileWatched(watching, fill).catch((error: unknown) => explainTimeout(error, watch.last()));
  const { tool, flags, exitCode, facts } = run;
  const log = toolLog(run, target);
  const { encoding, endsSessions } = await dump.readNeeds();
  if (exitCode !== 0) await assertServerUp(target.server, tool, log, { endsSessions });
  const errors = readErrors(run.stderr, target, tolerate, encoding);
  if (exitCode !== 0 && !isAccountedFor(run, errors.length)) errors.push(silentError(tool, log));
  if (exitCode !== 0 && !run.goesOn && !errors.some(isError)) errors.push(stopped(tool));
  const failed = errors.some(isError);
  if (!failed) await restorer.complete();
  const causes = failed ? await findCauses(dump) : [];
  return {
    summary: failed ? `${errors.length} errors` : `${tool} ${flags.join(' ')}`,
    check: {
      id: checkId,
      status: failed ? 'failed' : 'passed',
      reason: failed ? null : whyPassed(errors.length, run.dropErrors),
      expected: `${tool} ends with status 0 and no error`,
      actual: `status ${exitCode}, ${errors.length} errors`,
    },
    facts: { options: flags.join(' '), limitMs: limits.timeoutMs, ...facts },
    findings: [...restorer.findings, ...causes, ...errors],
    logs: { [`${tool}.log`]: log },
  };
}

/** What hangs is named: most likely it is code of the dump. */
function explainTimeout(error: unknown, statement: string | null): never {
  if (!(error instanceof OperationalError) || error.code !== 'TOOL_TIMED_OUT' || statement === null) throw error;
  const message = `${error.message} The server was still at: ${statement}. See whether a function that the dump calls there waits, or never ends; mend it at the source, and back up again.`;
  throw new OperationalError('TOOL_TIMED_OUT', message, { cause: error });
}

/** pg_restore counts the errors that it passed over: none may be missing from those that are named. */
function isAccountedFor({ stderr, dropErrors }: RestoreRun, errors: number): boolean {
  if (errors === 0 && dropErrors === 0) return false;
  const counted = /^pg_restore: warning: errors ignored on restore: (\d+)$/m.exec(stderr)?.[1];
  return counted === undefined ? errors > 0 : Number(counted) <= errors + dropErrors;
}

function whyPassed(tolerated: number, dropErrors: number): string | null {
  const reasons = [
    ...(tolerated === 0 ? [] : [`${tolerated} errors are tolerated by the profile`]),
    ...(dropErrors === 0
      ? []
      : [`${dropErrors} errors are of the drop phase of --clean: in an empty database, what it drops is not there`]),
  ];
  return reasons.join('; ') || null;
}

/** What matters more than the error that a restore stopped at, and would be hidden by it. */
async function findCauses(dump: OpenDump): Promise<Finding[]> {
  const contents = await dump.readContents();
  return Array.isArray(contents) ? [] : findNoRows(contents);
}

const checkId = 'restore-status';

/**
 * What the server lacks is the server's fault. What the profile tolerates is left to the restore, which reports it.
 * @throws OperationalError EXTENSION_MISSING, LOCALE_MISSING and the like
 */
async function assertHasAll(dump: OpenDump, { findLacks }: Target, { tolerate }: RestoreOptions): Promise<void> {
  if (findLacks === undefined) return;
  const lacks = await findLacks(await dump.readNeeds());
  const [first, ...more] = lacks.filter(({ message }) => !tolerate.some((each) => message.includes(each.message)));
  if (first === undefined) return;
  const others =
    more.length === 0 ? '' : ` It lacks as well: ${more.map(({ code, object }) => `${object} (${code})`).join(', ')}.`;
  const message = `The dump needs ${first.object}, which the server that is restored to has not got: ${first.message}. ${first.next}${others}`;
  throw new OperationalError(first.code, message);
}

/** @throws OperationalError where the first error that the profile does not tolerate is the server's fault: more may follow from it */
function readErrors(
  stderr: string,
  { remedies, secrets, findLacks }: Target,
  tolerate: RestoreOptions['tolerate'],
  encoding: string | null,
): Finding[] {
  const errors = classifyRestoreErrors(stderr, encoding).map(({ rule, object, message, remedy, ofServer }) => {
    const finding = { rule, object, message: redact(withoutRows(message), secrets), remedy: remedies[rule] ?? remedy };
    return { ofServer, finding: weighTolerated({ ...finding, severity: 'error' }, tolerate, new Date()) };
  });
  const first = errors.find(({ finding }) => isError(finding));
  // On a live server it is an error like any other.
  if (first !== undefined && first.ofServer !== null && findLacks !== undefined) {
    const { object, message, remedy } = first.finding;
    throw new OperationalError(first.ofServer, `The server that is restored to lacks ${object}: ${message}. ${remedy}`);
  }
  return errors.map(({ finding }) => finding);
}

function isError({ severity }: Finding): boolean {
  return severity === 'error';
}

function stopped(tool: string): Finding {
  return {
    rule: 'RESTORE_STOPPED',
    severity: 'error',
    object: 'dump',
    message: `${tool} stopped at an error that the profile tolerates: what stands behind it in the dump was not restored.`,
    remedy: 'Dump in custom format (pg_dump -Fc): pg_restore goes on after errors that are tolerated.',
  };
}

function silentError(tool: string, log: string): Finding {
  return {
    rule: 'RESTORE_FAILED',
    severity: 'error',
    object: 'archive',
    message: `${tool} failed: ${lastLine(log)}`,
    remedy: `Run ${tool} on the archive by hand, and see where it stops.`,
  };
}

function refused({ summary, expected, actual, findings }: Refusal): RestoreOutcome {
  return {
    summary,
    check: { id: checkId, status: 'failed', reason: null, expected, actual },
    facts: {},
    findings: findings.map((finding) => ({ ...finding, severity: 'error' })),
    logs: {},
  };
}
