/** What a database's address says, without its password. */
export interface ParsedUrl {
  /** As it is written: `postgresql+psycopg2`. */
  scheme: string;
  host: string | null;
  user: string | null;
  database: string | null;
  /** As libpq's programs take it, with the password. */
  url: string;
}

/**
 * Reads an address of PostgreSQL as applications write it: with a driver of SQLAlchemy, or as Django and Rails name PostGIS. Pure.
 * @returns null for any other text, also for an address of another kind of database
 */
export function parseDatabaseUrl(text: string): ParsedUrl | null {
  const [, scheme = '', rest = ''] =
    /^((?:postgres(?:ql)?|postgis|psql|pgsql|cockroachdb|timescale(?:gis)?|prisma\+postgres)(?:\+\w+)?):\/\/(.+)$/is.exec(
      text.trim(),
    ) ?? [];
  if (!/^(?:postgres|postgis|psql|pgsql|timescale)/i.test(scheme)) return null;
  const [, authority = '', path = ''] = /^([^/?]*)(?:\/([^?]*))?/.exec(rest) ?? [];
  const at = authority.lastIndexOf('@');
  const user = at === -1 ? '' : (authority.slice(0, at).split(':')[0] ?? '');
  const host = authority.slice(at + 1).replace(/:\d*$/, '');
  return {
    scheme,
    host: decode(host) || null,
    user: decode(user) || null,
    database: decode(path) || null,
    url: `postgresql://${rest}`,
  };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
