import pg from 'pg';
import { withoutRows } from '../system/without-rows.ts';
import type { Relation } from './catalog.ts';
import { digestQuery, formatDigest } from './digest-query.ts';
import type { DigestVersion } from './digest-version.ts';
import type { ViewQuery } from './table-snapshot.ts';
import { inspectView, type ViewInspection } from './view-inspection.ts';

/** How the queries of materialised views are read. */
export interface ViewQueryReading {
  /** In a transaction, with its savepoints. */
  client: pg.Client;
  /** A session beside it, which sees the catalogs as they are now. */
  beside: pg.Client;
  digestVersion: DigestVersion;
  /** How long all of them may take together. */
  withinMs: number;
}

/**
 * Reads what the query of each materialised view gives in this moment: a dump holds none of its rows, a restore computes them
 * anew, and only this says what has to come of it. Costs what refreshing the views costs, without writing.
 */
export async function readViewQueries(
  views: Relation[],
  { client, beside, digestVersion, withinMs }: ViewQueryReading,
): Promise<Map<number, ViewQuery>> {
  const endsAt = performance.now() + withinMs;
  const queries = new Map<number, ViewQuery>();
  for (const view of views) {
    const leftMs = Math.floor(endsAt - performance.now());
    queries.set(view.oid, await readViewQuery(view, { client, beside, digestVersion, withinMs: leftMs }));
  }
  return queries;
}

async function readViewQuery(view: Relation, reading: ViewQueryReading): Promise<ViewQuery> {
  const unread = (notRead: string, { reads, varies }: Pick<ViewInspection, 'reads' | 'varies'> = nothingKnown) => {
    return { rows: null, digest: null, notRead, reads, varies };
  };
  const { client, beside, withinMs } = reading;
  if (withinMs <= 0) return unread(outOfTime);
  await client.query('savepoint view_query');
  try {
    await client.query(`set local statement_timeout = ${withinMs}`);
    await prepare(view, reading);
    // Now that the views it reads are locked, and cannot be replaced by others, what it calls can be looked at.
    const inspection = await inspectView(beside, view.oid);
    if (inspection.refusal !== null) return unread(inspection.refusal, inspection);
    const { rows } = await client.query<{ rows: string; low: string | null; high: string | null }>(
      `execute ${statement}`,
    );
    const { reads, varies } = inspection;
    const [sums] = rows;
    if (sums === undefined) throw new Error(`The server counted nothing in the query of ${view.name}.`);
    return { rows: Number(sums.rows), digest: formatDigest(sums.low, sums.high), notRead: null, reads, varies };
  } catch (error) {
    if (!isAnswer(error)) throw error;
    return unread(error.code === timedOut ? outOfTime : `its query fails: ${withoutRows(error.message)}`);
  } finally {
    await release(client);
  }
}

const statement = 'restore_rehearsal_view_query';
const timedOut = '57014';
const outOfTime = 'its query takes longer than materializedViews.within of the profile allows';
const nothingKnown = { reads: [], varies: [] };

/** Locks what the query reads, without running it. */
async function prepare({ oid, columns }: Relation, { client, digestVersion }: ViewQueryReading): Promise<void> {
  const { rows } = await client.query<{ query: string }>(
    "select pg_catalog.rtrim(pg_catalog.pg_get_viewdef($1::pg_catalog.oid), ';') as query",
    [oid],
  );
  const [definition] = rows;
  if (definition === undefined) throw new Error(`The view with the oid ${oid} is gone.`);
  await client.query(`prepare ${statement} as ${digestQuery(definition, columns, digestVersion)}`);
}

/** Whether it is what the server answered to the statement; with any other error, the transaction is gone, too. */
function isAnswer(error: unknown): error is pg.DatabaseError {
  return error instanceof pg.DatabaseError && error.severity === 'ERROR' && error.code !== '55P03';
}

/** Where the session is gone, the error of the body says so. */
async function release(client: pg.Client): Promise<void> {
  await client.query('rollback to savepoint view_query').catch(() => undefined);
  // Ours is the only one of the session, and it may not be there.
  await client.query('deallocate all').catch(() => undefined);
}
