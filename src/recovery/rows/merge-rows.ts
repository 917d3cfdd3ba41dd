import type pg from 'pg';
import { isOutOfTime, limitTo, type DiffLimits } from './diff-limits.ts';

/** Keys of rows that differ: the first few of each kind, and how many there are of it. */
export interface KeyLists {
  onlyLeft: KeyList;
  onlyRight: KeyList;
  changed: KeyList;
  complete: boolean;
}

export interface KeyList {
  count: number;
  /** As PostgreSQL prints a record: `(7)`, `(1,"a b")`. In their order, numbers as numbers. */
  first: string[];
}

interface HashedRow {
  /** What they are ordered by, a number of 64 bits. */
  place: string;
  key: string;
  hash: string;
}

/** Puts the rows of two sessions together, by their places and keys. @param query null for no rows */
export async function mergeRows(
  [left, right]: [pg.Client, pg.Client],
  query: string | null,
  { keys, deadline }: DiffLimits,
): Promise<KeyLists> {
  const [onlyLeft, onlyRight, changed] = [new FirstKeys(keys), new FirstKeys(keys), new FirstKeys(keys)];
  const end = (complete: boolean) => {
    return { onlyLeft: onlyLeft.end(), onlyRight: onlyRight.end(), changed: changed.end(), complete };
  };
  if (query === null) return end(true);
  const [here, there] = [readRows(left, query, deadline), readRows(right, query, deadline)];
  let [a, b] = await Promise.all([here.next(), there.next()]);
  while (a.done !== true || b.done !== true) {
    if (a.value === outOfTime || b.value === outOfTime) return end(false);
    const order = compare(a.value, b.value);
    if (order < 0) onlyLeft.add(a.value?.key ?? '');
    else if (order > 0) onlyRight.add(b.value?.key ?? '');
    else if (a.value?.hash !== b.value?.hash) changed.add(a.value?.key ?? '');
    if (order <= 0) a = await here.next();
    if (order >= 0) b = await there.next();
  }
  return end(true);
}

/** What has ended comes last. Keys of one place are told by themselves: that is one in many millions. */
function compare(a: HashedRow | undefined, b: HashedRow | undefined): number {
  if (a === undefined || b === undefined) return a === undefined ? 1 : -1;
  const [left, right] = [BigInt(a.place), BigInt(b.place)];
  if (left !== right) return left < right ? -1 : 1;
  return Buffer.compare(Buffer.from(a.key), Buffer.from(b.key));
}

const batchSize = 5000;
const outOfTime = Symbol('out of time');

async function* readRows(client: pg.Client, query: string, deadline: number) {
  try {
    await limitTo(client, deadline);
    await client.query(`declare differing_rows no scroll cursor for ${query}`);
    for (;;) {
      const { rows } = await client.query<HashedRow>(`fetch ${batchSize} from differing_rows`);
      yield* rows;
      if (rows.length < batchSize) break;
      await limitTo(client, deadline);
    }
    await client.query('close differing_rows');
  } catch (error) {
    if (!isOutOfTime(error)) throw error;
    yield outOfTime;
  }
  return undefined;
}

/** Counts keys, and keeps the first of them in their own order. */
class FirstKeys {
  readonly #limit: number;
  #count = 0;
  #kept: string[] = [];

  constructor(limit: number) {
    this.#limit = limit;
  }

  add(key: string): void {
    this.#count += 1;
    this.#kept.push(key);
    if (this.#kept.length > 1000 + 2 * this.#limit) this.#shorten();
  }

  end(): KeyList {
    this.#shorten();
    return { count: this.#count, first: this.#kept };
  }

  #shorten(): void {
    this.#kept = this.#kept.toSorted(byNumbers.compare).slice(0, this.#limit);
  }
}

const byNumbers = new Intl.Collator('en', { numeric: true });
