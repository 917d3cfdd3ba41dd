import { majorVersion } from './version.ts';

/** What brings an extension: a package of Debian or Ubuntu, and an image where one has it. `NN` stands for the major version. */
interface Source {
  names: RegExp;
  packages: string;
  image?: string;
}

/** From the particular to the general. */
const sources: Source[] = [
  {
    names: /^(postgis|address_standardizer)/,
    packages: 'postgresql-NN-postgis-3 postgresql-NN-postgis-3-scripts',
    image: 'postgis/postgis:NN-3.5',
  },
  { names: /^pgrouting$/, packages: 'postgresql-NN-pgrouting', image: 'pgrouting/pgrouting:NN-3.5-3.7' },
  { names: /^vector$/, packages: 'postgresql-NN-pgvector', image: 'pgvector/pgvector:pgNN' },
  {
    names: /^timescaledb/,
    packages: 'timescaledb-2-postgresql-NN',
    image: 'timescale/timescaledb:latest-pgNN',
  },
  { names: /^citus/, packages: 'postgresql-NN-citus', image: 'citusdata/citus' },
  { names: /^age$/, packages: 'postgresql-NN-age', image: 'apache/age:releasePG_NN' },
  { names: /plpython3u$/, packages: 'postgresql-plpython3-NN' },
  { names: /plperlu?$/, packages: 'postgresql-plperl-NN' },
  { names: /^pltclu?$/, packages: 'postgresql-pltcl-NN' },
  {
    names: /^(hypopg|hll|ip4r|orafce|pgtap|prefix|q3c|rum|unit|debversion|semver|tdigest)$/,
    packages: 'postgresql-NN-NAME',
  },
  {
    names: new RegExp(
      [
        '^(adminpack|amcheck|autoinc|bloom|btree_gin|btree_gist|citext|cube|dblink|dict_int|dict_xsyn|earthdistance|file_fdw',
        'fuzzystrmatch|hstore|insert_username|intagg|intarray|isn|lo|ltree|moddatetime|old_snapshot|pageinspect|pg_buffercache',
        'pg_freespacemap|pg_prewarm|pg_stat_statements|pg_surgery|pg_trgm|pg_visibility|pg_walinspect|pgcrypto|pgrowlocks',
        'pgstattuple|postgres_fdw|refint|seg|sslinfo|tablefunc|tcn|tsm_system_rows|tsm_system_time|unaccent|uuid-ossp|xml2)$',
      ].join('|'),
    ),
    packages: 'postgresql-contrib',
    image: 'postgres:NN',
  },
  // pg_partman is in postgresql-15-partman, pg_cron in postgresql-15-cron.
  { names: /./, packages: 'postgresql-NN-SHORT' },
];

/** How to get an extension, in a sentence. Pure. */
export function howToGetExtension(name: string, serverVersion: string): string {
  const { packages, image } = sources.find(({ names }) => names.test(name)) ?? { packages: name };
  const major = String(majorVersion(serverVersion));
  const fill = (text: string) =>
    text
      .replaceAll('NN', major)
      .replaceAll('NAME', name)
      .replaceAll('SHORT', name.replace(/^pg_/, '').replaceAll('_', '-'));
  const inImage = image === undefined ? 'with an image that has it' : `with an image that has it, like ${fill(image)}`;
  return `Install it on this machine (Debian and Ubuntu: apt-get install ${fill(packages)}), or rehearse ${inImage} (--image, or postgres.image in the profile).`;
}

/** How to get a locale of the operating system or of ICU, in a sentence. Pure. */
export function howToGetLocale(locale: string): string {
  return (
    `Install the locale ${locale} on this machine (Debian: apt-get install locales-all; or locale-gen ${locale}), or rehearse with the image ` +
    'that production runs (--image, or postgres.image in the profile); images of Alpine have only locales of ICU.'
  );
}
