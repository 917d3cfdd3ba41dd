import type { Choice } from '../bench-server.ts';
import type { Row } from '../row.ts';

export interface BenchOptions extends Choice {
  /** Bookings of the large database. */
  bookings: number;
  /** How often A and B are measured in turns. */
  pairs: number;
  /** Size of the databases of other shapes, against that in their names. */
  scale: number;
}

/** Measures some rows, and gives each as soon as it is known. */
export type Part = (options: BenchOptions, give: (row: Row) => void) => Promise<void>;

const mega = 1_000_000;

/** For names of rows: `5 million bookings`. */
export function describeBookings(bookings: number): string {
  return bookings >= mega ? `${bookings / mega} million bookings` : `${bookings.toLocaleString('en')} bookings`;
}
