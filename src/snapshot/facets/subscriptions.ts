import { stateFacet } from '../state-facet.ts';

export const subscriptions = stateFacet({
  // Context: the columns that are hashed differ between major versions; still caught: subscriptions that are missing.
  origin: ({ kind }) => (kind === 'changed' ? 'version' : 'backup'),
  covers: 'subscriptions',
  remedy: 'Dump with a superuser, as pg_dump leaves subscriptions out otherwise, or create it anew after a restore.',
  // pg_dump leaves subscriptions out unless a superuser asks, and their connection strings hold passwords.
  sql: `
    select
      pg_catalog.quote_ident(subname) as object,
      'a definition with the hash ' || pg_catalog.left(pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to((
        -- A dump does not hold whether it was at work; the rest differs between any two databases.
        pg_catalog.to_jsonb(subscription)
        - '{oid,subdbid,subowner,subenabled,subskiplsn,subtwophasestate}'::pg_catalog.text[]
      )::text, 'UTF8')), 'hex'), 12) as value
    from pg_catalog.pg_subscription as subscription
    join pg_catalog.pg_database as database on database.oid = subscription.subdbid
    where database.datname = pg_catalog.current_database()`,
});
