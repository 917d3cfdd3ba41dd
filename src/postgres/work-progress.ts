import { describeAmount, type Amount } from '../terminal/describe-amount.ts';
import { describeLeft } from '../terminal/estimate.ts';
import { Meter } from '../terminal/meter.ts';
import { oneLine } from '../terminal/one-line.ts';
import type { Activity } from './activity.ts';
import { RowsSoFar } from './rows-so-far.ts';

/** What is known of work that goes on. */
export interface WorkSeen {
  /** Bytes that went through our hands; null where none do. */
  bytes: { done: number; total: number | null } | null;
  activity: readonly Activity[];
}

/** Says how far a restore, a dump or another work on tables has come, from what is seen of it now and then. */
export class WorkProgress {
  readonly #whole = new Meter();
  readonly #part = new Meter();
  readonly #rows: RowsSoFar;
  readonly #source: string;

  /**
   * @param rows how many each table has or will have, by name, as far as that is known
   * @param source what bytes are read of, where it is read to its end
   */
  constructor(rows: ReadonlyMap<string, number> = new Map(), source = 'the dump') {
    this.#rows = new RowsSoFar(rows);
    this.#source = source;
  }

  /**
   * In one line, the most important first, for a terminal may be narrow; null while nothing is known. Names are safe to print.
   * @param atMs on the monotonic clock
   */
  describe({ bytes, activity }: WorkSeen, atMs: number): string | null {
    const rows = this.#rows.see(activity);
    const parts = [this.#describeWhole(bytes, rows, atMs), this.#describePart(activity, atMs)];
    return parts.filter((part) => part !== null).join('; ') || null;
  }

  #describeWhole(bytes: WorkSeen['bytes'], rows: Amount | null, atMs: number): string | null {
    if (bytes === null)
      return rows === null ? null : describeAmount(rows, this.#whole.see('rows', rows.done, rows.total, atMs));
    const { done, total } = bytes;
    if (total !== null && done >= total) return `${this.#source} is read`;
    const estimate = this.#whole.see('bytes', done, total, atMs);
    if (total !== null) return `read ${describeAmount({ done, total, unit: 'bytes' }, estimate)}`;
    return describeAmount({ done, total, unit: 'bytes' }, estimate);
  }

  #describePart([first, ...others]: readonly Activity[], atMs: number): string | null {
    if (first === undefined || first.object === null) return null;
    const { object, waits, rows, build } = first;
    const name = oneLine(`${object.kind === null ? '' : `${object.kind} `}${object.name}`);
    const where = object.table === null ? '' : ` of ${oneLine(object.table)}`;
    const more = others.length === 0 ? '' : ` and ${others.length} more`;
    const how = [
      this.#describeHow(object.name, rows, build, atMs),
      waits ? 'waits for a lock of another session' : null,
    ].filter((words) => words !== null);
    return `${name}${where}${more}${how.length === 0 ? '' : `: ${how.join(', ')}`}`;
  }

  #describeHow(name: string, rows: number | null, build: Activity['build'], atMs: number): string | null {
    if (build !== null) {
      const { phase, done, total } = build;
      const { percent, leftMs } = this.#part.see(`${name} ${phase}`, done, total || null, atMs);
      const left = leftMs === null ? '' : `, ${describeLeft(leftMs)}`;
      return `${phase}${percent === null ? '' : ` ${percent} %`}${left}`;
    }
    if (rows === null) return null;
    const amount: Amount = { done: rows, total: this.#rows.of(name), unit: 'rows' };
    return describeAmount(amount, this.#part.see(name, amount.done, amount.total, atMs));
  }
}
