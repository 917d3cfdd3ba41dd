import type { KnownRehearsal } from '../../rehearsal/known-rehearsals.ts';
import { oneLine } from '../../terminal/one-line.ts';
import { wrap } from '../../terminal/wrap.ts';

/** The list of rehearsals, each with what it does. */
export function sayRehearsals(known: KnownRehearsal[], columns: number | null): void {
  const width = Math.max(...known.map(({ name }) => name.length)) + 2;
  for (const { name, about, origin } of known) {
    const whose = origin === 'ours' ? '' : `(${origin}) `;
    const text = wrap(`${whose}${about}`, columns, { first: 0, hanging: width });
    console.log(`${oneLine(name).padEnd(width)}${text}`.trimEnd());
  }
}
