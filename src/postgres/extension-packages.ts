import { imageMajor } from './image-major.ts';

/** What brings extensions. `NN` stands for the major version of PostgreSQL, `NAME` for the extension, `SHORT` for it without `pg_`, `DASHED` for it with dashes. */
export interface ExtensionSource {
  names: RegExp;
  /** Of Debian, Ubuntu, apt.postgresql.org, or its makers' own repository; empty where nobody packs it. */
  packages: string;
  /** Public images that have it, by what follows `docker pull`; the first is suggested. One without `NN` is of one major version. */
  images: string[];
  /** Whether it is part of PostgreSQL: every official image has it, Alpine's, too, and Debian's postgresql-NN. */
  isContrib?: true;
}

/** From the particular to the general: the first that fits counts. To add an extension, add an entry. */
export const extensionSources: ExtensionSource[] = [
  {
    names: /^(?:postgis|address_standardizer)/,
    packages: 'postgresql-NN-postgis-3 postgresql-NN-postgis-3-scripts',
    images: [
      ...['postgis/postgis:18-3.6', 'postgis/postgis:NN-3.5', 'imresamu/postgis:NN-3.5'],
      ...['pgrouting/pgrouting:18-3.6-4.0', 'pgrouting/pgrouting:NN-3.5-3.8', 'timescale/timescaledb-ha:pgNN'],
    ],
  },
  {
    names: /^pgrouting$/,
    packages: 'postgresql-NN-pgrouting',
    images: ['pgrouting/pgrouting:18-3.6-4.0', 'pgrouting/pgrouting:NN-3.5-3.8', 'timescale/timescaledb-ha:pgNN'],
  },
  {
    names: /^vector$/,
    packages: 'postgresql-NN-pgvector',
    images: ['pgvector/pgvector:pgNN', 'timescale/timescaledb-ha:pgNN', 'paradedb/paradedb:latest-pgNN'],
  },
  // Not of Debian, but of the makers' own repository.
  {
    names: /^timescaledb$/,
    packages: 'timescaledb-2-postgresql-NN',
    images: ['timescale/timescaledb:latest-pgNN', 'timescale/timescaledb-ha:pgNN'],
  },
  {
    names: /^timescaledb_toolkit$/,
    packages: 'timescaledb-toolkit-postgresql-NN',
    images: ['timescale/timescaledb-ha:pgNN'],
  },
  { names: /^vectorscale$/, packages: 'pgvectorscale-postgresql-NN', images: ['timescale/timescaledb-ha:pgNN'] },
  { names: /^citus/, packages: 'postgresql-NN-citus', images: ['citusdata/citus:postgres_NN'] },
  // Each image is of one release for one major version; there is no tag that moves.
  {
    names: /^age$/,
    packages: 'postgresql-NN-age',
    images: ['apache/age:release_PG18_1.7.0', 'apache/age:release_PG17_1.6.0', 'apache/age:release_PG16_1.6.0'],
  },
  { names: /^pg_search$/, packages: 'postgresql-NN-pg-search', images: ['paradedb/paradedb:latest-pgNN'] },
  // What every project of Supabase has.
  {
    names: /^(?:supabase_vault|pgsodium|pg_graphql|pg_net|pgjwt|wrappers)$/,
    packages: '',
    images: ['supabase/postgres:17.6.1.106', 'supabase/postgres:15.8.1.085'],
  },
  { names: /plpython3u$/, packages: 'postgresql-plpython3-NN', images: [] },
  { names: /plperlu?$/, packages: 'postgresql-plperl-NN', images: [] },
  { names: /^pltclu?$/, packages: 'postgresql-pltcl-NN', images: [] },
  {
    names: new RegExp(
      [
        '^(?:adminpack|amcheck|autoinc|bloom|btree_gin|btree_gist|citext|cube|dblink|dict_int|dict_xsyn|earthdistance|file_fdw',
        'fuzzystrmatch|hstore|insert_username|intagg|intarray|isn|lo|ltree|moddatetime|old_snapshot|pageinspect|pg_buffercache',
        'pg_freespacemap|pg_prewarm|pg_stat_statements|pg_surgery|pg_trgm|pg_visibility|pg_walinspect|pgcrypto|pgrowlocks',
        'pgstattuple|plpgsql|postgres_fdw|refint|seg|sslinfo|tablefunc|tcn|tsm_system_rows|tsm_system_time|unaccent|uuid-ossp|xml2)$',
      ].join('|'),
    ),
    packages: 'postgresql-contrib',
    images: ['postgres:NN'],
    isContrib: true,
  },
  {
    names: /^(?:hypopg|hll|ip4r|orafce|pgtap|pgaudit|prefix|q3c|rum|unit|debversion|semver|tdigest)$/,
    packages: 'postgresql-NN-NAME',
    images: [],
  },
  // With "pg" in front, as few of them have.
  {
    names: /^pg_(?:fact_loader|hint_plan|qualstats|stat_kcache|track_settings|wait_sampling)$/,
    packages: 'postgresql-NN-DASHED',
    images: [],
  },
  { names: /^pldbgapi$/, packages: 'postgresql-NN-pldebugger', images: [] },
  // pg_partman is in postgresql-15-partman, pg_cron in postgresql-15-cron.
  { names: /./, packages: 'postgresql-NN-SHORT', images: [] },
];

/** Where an extension comes from. Pure. */
export function sourceOf(extension: string): ExtensionSource {
  const found = extensionSources.find(({ names }) => names.test(extension));
  return found ?? { names: /./, packages: extension, images: [] };
}

/** The Debian packages that bring extensions, each once; none where one of the extensions is in no package. Pure. */
export function packagesFor(extensions: string[], major: number): string[] {
  const named = extensions.flatMap((name) => fill(sourceOf(name).packages, name, major).split(' '));
  return named.includes('') ? [] : [...new Set(named)];
}

/** The images that have all of these extensions, the best one first; none where no image has all of them. Pure. */
export function imagesWith(extensions: string[], major: number): string[] {
  const lists = extensions
    .map((name) => ({ name, ...sourceOf(name) }))
    .filter(({ isContrib = false }) => !isContrib)
    .map(({ name, images }) => images.filter(isOf(major)).map((image) => fill(image, name, major)));
  const [first = [], ...others] = lists;
  return first.filter((image) => others.every((list) => list.includes(image)));
}

function isOf(major: number) {
  return (image: string) => image.includes('NN') || imageMajor(image) === major;
}

/** Whether an extension is part of PostgreSQL itself. Pure. */
export function isContrib(extension: string): boolean {
  return sourceOf(extension).isContrib === true;
}

function fill(text: string, name: string, major: number): string {
  // A name may hold anything: it goes into commands that are pasted.
  const plain = name.replace(/[^\w+.-]/g, '');
  return text
    .replaceAll('NN', String(major))
    .replaceAll('NAME', plain)
    .replaceAll('DASHED', plain.replaceAll('_', '-'))
    .replaceAll('SHORT', plain.replace(/^pg_/, '').replaceAll('_', '-'));
}
