import type { Amount } from '../terminal/describe-amount.ts';
import type { Activity } from './activity.ts';
import { digestKind } from './statement-object.ts';

/**
 * Adds up the rows of a work that goes from table to table, of which it sees only the present one. A table that was between two
 * looks is not counted: the sum is never too high.
 */
export class RowsSoFar {
  readonly #known: ReadonlyMap<string, number>;
  readonly #total: number;
  readonly #seen = new Map<string, number>();

  constructor(known: ReadonlyMap<string, number>) {
    this.#known = known;
    this.#total = [...known.values()].reduce((sum, rows) => sum + rows, 0);
  }

  /** How many rows a table has in the end; null where nobody knows. */
  of(table: string): number | null {
    return this.#known.get(table) ?? null;
  }

  /** @returns null where no table was seen, or the rows of none are known */
  see(activity: readonly Activity[]): Amount | null {
    const now = new Map(activity.flatMap((each) => rowsNow(each)));
    if (now.size > 0) {
      // What was copied and is not any more has come to its end.
      for (const name of this.#seen.keys()) if (!now.has(name)) this.#seen.set(name, this.#known.get(name) ?? 0);
      for (const [name, rows] of now) this.#seen.set(name, Math.min(rows, this.#known.get(name) ?? 0));
    }
    if (this.#seen.size === 0 || this.#total === 0) return null;
    const done = [...this.#seen.values()].reduce((sum, rows) => sum + rows, 0);
    return { done, total: this.#total, unit: 'rows' };
  }
}

/** Of a table that is digested nobody knows how far that is: it counts once it is done. */
function rowsNow({ object, rows }: Activity): [table: string, rows: number][] {
  if (object === null || (rows === null && object.kind !== digestKind)) return [];
  return [[object.name, rows ?? 0]];
}
