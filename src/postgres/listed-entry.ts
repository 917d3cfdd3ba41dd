/** An entry of a dump's table of contents, with what it needs: enough to choose a part of the dump by. */
export interface ListedEntry {
  /** Its number in this dump. */
  id: number;
  /** As pg_dump names it: TABLE, TABLE DATA, INDEX, FK CONSTRAINT … */
  type: string;
  /** Without quotes; null where the object is in none. */
  schema: string | null;
  /** Without quotes. What belongs to a table has the table's name in front: `bookings bookings_pkey`. */
  name: string;
  owner: string | null;
  /** Numbers of the entries that have to be there before. */
  needs: number[];
  /** SQL, of one character a byte: where it was asked for. */
  definition?: string;
}
