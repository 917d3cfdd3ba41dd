import pg from 'pg';
import prettyMilliseconds from 'pretty-ms';
import type { Contribution } from '../../evidence/contribution.ts';
import type { Finding } from '../../evidence/schema.ts';
import { disconnect, useOwnSearchPath } from '../../postgres/connection.ts';
import { connectToSource } from '../../postgres/source.ts';
import { OperationalError } from '../../system/operational-error.ts';
import { toolLimits } from '../limits.ts';
import { objectiveCheck } from '../objectives.ts';
import type { RestoredDatabase } from '../restore-site.ts';
import type { StepBody } from '../step.ts';
import type { ChosenBackup } from './select-backup.ts';

/** Clocks of machines differ, and rows are written while a dump starts. */
const clockToleranceMs = 60_000;

interface Needs {
  restored: RestoredDatabase;
  backup: Pick<ChosenBackup, 'takenAt'>;
}

/** Asks the restored database for its newest business row. What comes of it is judged with the age of the backup. */
export const askForNewestRow: StepBody<Needs, Contribution> = async (_drill, needs) => {
  const freshness = await measureFreshness(needs);
  const { newestRowAgeMs: ageMs } = freshness.facts ?? {};
  const summary = typeof ageMs === 'number' ? `${prettyMilliseconds(ageMs, { compact: true })} old` : 'not asked';
  return { made: freshness, summary, facts: freshness.facts ?? {} };
};

/**
 * Asks the restored database how old its newest business row is: a backup may be of this night, and of a database that nobody
 * has written to for a week. Nothing where the profile has no query for it.
 * @throws OperationalError PROFILE_INVALID where the query does not give one time
 */
async function measureFreshness({ restored, backup }: Needs): Promise<Contribution> {
  const { drill } = restored.served;
  const { freshness, objectives } = drill.profile;
  if (freshness === undefined) return notAsked;
  const newest = await readNewest(restored, freshness.query);
  const targetMs = freshness.rpo ?? objectives.rpo;
  if (newest === null) return failed('no row at all', targetMs, emptyFinding);
  const { takenAt } = backup;
  if (newest.getTime() > takenAt.getTime() + clockToleranceMs) {
    const ahead = prettyMilliseconds(newest.getTime() - takenAt.getTime(), { compact: true });
    return failed(`${ahead} after the backup was taken`, targetMs, aheadFinding(ahead));
  }
  const ageMs = Math.max(0, drill.run.startedAt.getTime() - newest.getTime());
  return {
    facts: { newestRowAgeMs: ageMs },
    checks: [objectiveCheck('freshness', ageMs, targetMs)],
    findings: ageMs <= targetMs ? [] : [staleFinding(ageMs, targetMs)],
    coverage: { checked: ['how old the newest row is, by the query of the profile'], notChecked: [] },
  };
}

/** With the role that sees every row and may do nothing: what the query calls may have come with the archive. */
async function readNewest({ asReader, served }: RestoredDatabase, query: string): Promise<Date | null> {
  const client = await connectToSource(asReader, toolLimits(served.drill));
  try {
    await useOwnSearchPath(client);
    const { rows } = await client.query<unknown[]>({ text: query, rowMode: 'array' });
    const value = rows[0]?.[0] ?? null;
    if (rows.length <= 1 && (rows[0]?.length ?? 1) === 1 && (value === null || value instanceof Date)) return value;
    throw notUsable(`it gives ${rows.length} rows of ${rows[0]?.length ?? 0} columns, the first of which is no time`);
  } catch (error) {
    if (error instanceof pg.DatabaseError) throw notUsable(error.message);
    throw error;
  } finally {
    await disconnect(client);
  }
}

function notUsable(reason: string): OperationalError {
  const message = `freshness.query in the profile has to give one timestamptz: ${reason}. For example: select max(created_at) from orders.`;
  return new OperationalError('PROFILE_INVALID', message);
}

const notAsked: Contribution = {
  checks: [
    {
      id: 'freshness',
      status: 'not-applicable',
      reason: 'the profile has no query for the newest row',
      expected: null,
      actual: null,
    },
  ],
};

function failed(actual: string, targetMs: number, finding: Finding): Contribution {
  const expected = `at most ${prettyMilliseconds(targetMs)}`;
  return { checks: [{ id: 'freshness', status: 'failed', reason: null, expected, actual }], findings: [finding] };
}

const of = { severity: 'error', object: 'freshness.query' } as const;

const emptyFinding: Finding = {
  ...of,
  rule: 'DATA_STALE',
  message: 'The query for the newest row finds none in the restored database.',
  remedy: 'See whether the backup is of the right database, and whether the application still writes.',
};

function aheadFinding(ahead: string): Finding {
  return {
    ...of,
    rule: 'FRESHNESS_NOT_PLAUSIBLE',
    message: `The newest row is ${ahead} newer than the backup that it was restored from.`,
    remedy: 'Ask for a time of writing, like created_at, and not for one that may lie ahead; compare the clocks.',
  };
}

function staleFinding(ageMs: number, targetMs: number): Finding {
  return {
    ...of,
    rule: 'DATA_STALE',
    message: `The newest row in the restored database is ${prettyMilliseconds(ageMs, { compact: true })} old; it should be at most ${prettyMilliseconds(targetMs)}.`,
    remedy:
      'The backup may be new and its source not: see which server is dumped, a replica that has stopped, perhaps.',
  };
}
