/** What brings extensions. `NN` stands for the major version of PostgreSQL, `NAME` for the extension, `SHORT` for it without `pg_`. */
export interface ExtensionSource {
  names: RegExp;
  /** Of Debian, Ubuntu and apt.postgresql.org. */
  packages: string;
  /** Public images that have it, by what follows `docker pull`; the first is suggested. */
  images: string[];
  /** Whether it is part of PostgreSQL: every official image has it, Alpine's, too, and Debian's postgresql-NN. */
  isContrib?: true;
}

/** From the particular to the general: the first that fits counts. To add an extension, add an entry. */
export const extensionSources: ExtensionSource[] = [
  {
    names: /^(?:postgis|address_standardizer)/,
    packages: 'postgresql-NN-postgis-3 postgresql-NN-postgis-3-scripts',
    images: ['postgis/postgis:NN-3.5', 'imresamu/postgis:NN-3.5'],
  },
  { names: /^pgrouting$/, packages: 'postgresql-NN-pgrouting', images: ['pgrouting/pgrouting:NN-3.5-3.7'] },
  { names: /^vector$/, packages: 'postgresql-NN-pgvector', images: ['pgvector/pgvector:pgNN'] },
  {
    names: /^timescaledb/,
    packages: 'timescaledb-2-postgresql-NN',
    images: ['timescale/timescaledb:latest-pgNN', 'timescale/timescaledb-ha:pgNN'],
  },
  { names: /^citus/, packages: 'postgresql-NN-citus', images: ['citusdata/citus'] },
  { names: /^age$/, packages: 'postgresql-NN-age', images: ['apache/age:release_PGNN'] },
  { names: /^pg_search$/, packages: 'postgresql-NN-pg-search', images: ['paradedb/paradedb:latest-pgNN'] },
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
  // pg_partman is in postgresql-15-partman, pg_cron in postgresql-15-cron.
  { names: /./, packages: 'postgresql-NN-SHORT', images: [] },
];

/** Where an extension comes from. Pure. */
export function sourceOf(extension: string): ExtensionSource {
  const found = extensionSources.find(({ names }) => names.test(extension));
  return found ?? { names: /./, packages: extension, images: [] };
}

/** The Debian packages that bring extensions, each once. Pure. */
export function packagesFor(extensions: string[], major: number): string[] {
  const named = extensions.flatMap((name) => fill(sourceOf(name).packages, name, major).split(' '));
  return [...new Set(named)];
}

/** The images that have all of these extensions, the best one first; none where no image has all of them. Pure. */
export function imagesWith(extensions: string[], major: number): string[] {
  const lists = extensions
    .map((name) => ({ name, ...sourceOf(name) }))
    .filter(({ isContrib = false }) => !isContrib)
    .map(({ name, images }) => images.map((image) => fill(image, name, major)));
  const [first = [], ...others] = lists;
  return first.filter((image) => others.every((list) => list.includes(image)));
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
    .replaceAll('SHORT', plain.replace(/^pg_/, '').replaceAll('_', '-'));
}
