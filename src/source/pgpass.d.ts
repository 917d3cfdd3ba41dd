/** The package has no types of its own. */
declare module 'pgpass' {
  interface Where {
    host: string;
    port: number;
    database: string;
    user: string;
  }
  /** Looks a password up in PGPASSFILE or ~/.pgpass, as libpq does. */
  export default function pgpass(where: Where, callback: (password: string | undefined) => void): void;
}
