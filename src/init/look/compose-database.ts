import type { DatabaseFact } from '../facts.ts';
import type { ComposeProject, ComposeService } from './compose-services.ts';

/** Images that are, or hold, a PostgreSQL server: the last part of the name. */
const serverImages =
  /^(?:postgres|postgresql|postgres-ha|postgis|pgvector|timescaledb|timescaledb-ha|pgrouting|supabase-postgres|spilo-\d+|pgvecto-rs|edgedb-postgres)$/;

/** Images that are named for PostgreSQL and are none: tools, proxies, exporters, backups. */
const otherTools = /pgadmin|pgbouncer|pgpool|exporter|backup|postgrest|pgweb|pg_?hero|restore/;

/** Whether this service runs a PostgreSQL server: by its image, or by the variables of the official one. Pure. */
export function isDatabase({ image, env }: ComposeService): boolean {
  const path = (image ?? '').split('@')[0]?.toLowerCase() ?? '';
  const name = path.split('/').at(-1)?.split(':')[0] ?? '';
  if (otherTools.test(name)) return false;
  if (serverImages.test(name)) return true;
  const isServer = [
    'POSTGRES_PASSWORD',
    'POSTGRES_HOST_AUTH_METHOD',
    'POSTGRES_INITDB_ARGS',
    'PGDATA',
    'POSTGRESQL_PASSWORD',
  ];
  const names = ['POSTGRES_DB', 'POSTGRESQL_DATABASE'];
  // An application may be given POSTGRES_DB, too: with the host that it is on.
  const isClient = Object.keys(env).some((key) => /(?:^|_)(?:HOST|HOSTNAME|SERVER|URL|URI|DSN)$/.test(key));
  return names.some((key) => key in env) && isServer.some((key) => key in env) && !isClient;
}

/** What a service says of its database, as the official image, bitnami's and supabase's take it. Pure. */
export function databaseOf(service: ComposeService, project: ComposeProject): DatabaseFact {
  const { env, image, name, from } = service;
  const value = (...keys: string[]) =>
    keys.map((key) => env[key]).find((each) => each !== undefined && each !== null && each !== '') ?? null;
  const isUnknown = (...keys: string[]) => keys.some((key) => env[key] === null);
  const userKeys = ['POSTGRES_USER', 'POSTGRESQL_USERNAME', 'POSTGRESQL_USER'];
  const nameKeys = ['POSTGRES_DB', 'POSTGRESQL_DATABASE'];
  const owner = value(...userKeys) ?? (isUnknown(...userKeys) ? null : 'postgres');
  return {
    from: `${from} (service ${name})`,
    name: value(...nameKeys) ?? (isUnknown(...nameKeys) ? null : owner),
    owner,
    image: drillImage(image),
    source: { kind: 'compose', service: name, project: project.name },
  };
}

/** The image for a drill: one that starts as the official one does. Null where this one does not, or is not known. */
function drillImage(image: string | null): string | null {
  if (image === null) return null;
  const [, publisher = '', name = '', tag = ''] = /^(?:(.*)\/)?([^/:@]+)(?::([^@]*))?/.exec(image) ?? [];
  if (
    /bitnami|supabase|zalando|cloudnative/.test(publisher) ||
    /^(?:spilo|supabase|timescaledb-ha|postgresql$)/.test(name)
  ) {
    const major = /^(?:pg)?(\d+)/.exec(tag)?.[1];
    return major === undefined ? null : `postgres:${major}`;
  }
  return image;
}
