import { expect, test } from 'vitest';
import { carryOverStatements, compareFacts, createStatement } from './carry-over.ts';
import type { DatabaseFacts } from './database-facts.ts';

const facts: DatabaseFacts = {
  owner: 'shop',
  comment: null,
  connectionLimit: -1,
  allowConnections: true,
  isTemplate: false,
  tablespace: null,
  encoding: 'UTF8',
  locale: { datcollate: 'C.UTF-8', datctype: 'C.UTF-8' },
  grants: [],
  settings: [],
  securityLabels: [],
};
const start = `create database "a ""b""" owner "shop" template template0 encoding 'UTF8'`;
const end = 'allow_connections false connection limit 1715517';

test.for([
  ['14', {}, `lc_collate 'C.UTF-8' lc_ctype 'C.UTF-8'`],
  [
    '15 with ICU',
    { datlocprovider: 'i', daticulocale: 'de' },
    `locale_provider 'icu' lc_collate 'C.UTF-8' lc_ctype 'C.UTF-8' icu_locale 'de'`,
  ],
  [
    '17 with ICU and rules',
    { datlocprovider: 'i', datlocale: 'de', daticurules: '& a < b' },
    `locale_provider 'icu' lc_collate 'C.UTF-8' lc_ctype 'C.UTF-8' icu_locale 'de' icu_rules '& a < b'`,
  ],
  [
    '17 with its own',
    { datlocprovider: 'b', datlocale: 'C.UTF-8' },
    `locale_provider 'builtin' lc_collate 'C.UTF-8' lc_ctype 'C.UTF-8' builtin_locale 'C.UTF-8'`,
  ],
  [
    '15 with libc',
    { datlocprovider: 'c', daticulocale: null },
    `locale_provider 'libc' lc_collate 'C.UTF-8' lc_ctype 'C.UTF-8'`,
  ],
] as [string, Record<string, string | null>, string][])(
  'a database is created like one of version %s',
  ([, locale, options]) => {
    const like = { ...facts, locale: { ...facts.locale, ...locale } };
    expect(createStatement('a "b"', like)).toBe(`${start} ${options} ${end}`);
  },
);

test('settings that are lists stay lists, and names stay names', () => {
  const settings = [
    { role: null, name: 'search_path', value: '"$user", public, "a, ""b"""' },
    { role: 'a "b"', name: 'search_path', value: '""' },
    { role: null, name: 'app.key', value: "it's, one" },
  ];
  expect(carryOverStatements('shop', { ...facts, settings }, facts).slice(2)).toEqual([
    `alter database "shop" set "search_path" to '$user', 'public', 'a, "b"'`,
    `alter role "a ""b""" in database "shop" set "search_path" to ''`,
    `alter database "shop" set "app.key" to 'it''s, one'`,
  ]);
});

test('what was not carried over is named, in whatever order it comes', () => {
  const grants = [
    { grantee: null, privilege: 'CONNECT', grantable: false },
    { grantee: 'a', privilege: 'CREATE', grantable: true },
  ];
  expect(compareFacts({ ...facts, grants }, { ...facts, grants: grants.toReversed() })).toEqual([]);
  expect(compareFacts({ ...facts, grants }, { ...facts, connectionLimit: 3 })).toEqual(['connection limit', 'grants']);
});

test('what a provider says of a database, and nothing that an earlier run gave to it, is carried over', () => {
  const securityLabels = [{ provider: 'selinux', label: "system_u:object_r:it's_db_t" }];
  const given = {
    grants: [{ grantee: 'a "b"', privilege: 'CREATE', grantable: true }],
    settings: [
      { role: null, name: 'work_mem', value: '1MB' },
      { role: null, name: 'search_path', value: 'a' },
      { role: 'b', name: 'work_mem', value: '1MB' },
    ],
    securityLabels: [{ provider: 'dummy', label: 'secret' }],
  };
  expect(carryOverStatements('shop', { ...facts, securityLabels }, given)).toEqual([
    'alter database "shop" connection limit -1',
    'revoke all on database "shop" from public, "shop", "a ""b""" cascade',
    'alter database "shop" reset all',
    'alter role "b" in database "shop" reset all',
    'security label for "dummy" on database "shop" is null',
    `security label for "selinux" on database "shop" is 'system_u:object_r:it''s_db_t'`,
  ]);
});
