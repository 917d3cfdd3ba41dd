import { expect, test } from 'vitest';
import { readDatabaseUrl, urlWithoutPassword } from './database-url.ts';

const nothing = { databasePassword: null, libpq: {} };

test.for([
  'postgres://admin@host:5433/postgres',
  'postgres://a%20%22b%22@host:5432/Else%20%22where%22?sslmode=require',
  'postgres://admin@[::1]:5432/postgres',
  'postgres://admin@/postgres?host=%2Fvar%2Frun%2Fpostgresql&port=5433',
])('%s comes back without its password, and leads to the same place', async (url) => {
  const canary = 'canary';
  const address = await readDatabaseUrl(url.replace('@', `:${canary}@`), nothing);
  expect(address.connection.password).toBe(canary);
  const shown = urlWithoutPassword(address);
  expect(shown).not.toContain(canary);
  expect(await readDatabaseUrl(shown, { databasePassword: canary, libpq: {} })).toEqual(address);
});

test.for([
  'a=b',
  'x;y',
  'a/b',
  '$(id)',
  '100%',
  'a?b',
  'a#b',
  'a&b',
  "O'Brien",
  'dbname=x host=evil',
  'лавка',
  '-rf',
  '%3D',
  'a+b',
  ' ',
])('the database %j can be named in a URL', async (database) => {
  const url = `postgres://u@host/${encodeURIComponent(database)}`;
  const address = await readDatabaseUrl(url, nothing);
  expect(address.connection.database).toBe(database);
  expect((await readDatabaseUrl(urlWithoutPassword(address), nothing)).connection.database).toBe(database);
  const parameter = `postgres://u@host/?dbname=${encodeURIComponent(database)}`;
  expect((await readDatabaseUrl(parameter, nothing)).connection.database).toBe(database);
});

test.for<[problem: string, url: string, says: RegExp]>([
  ['an sslmode that there is not', 'postgres://u@host/d?sslmode=verify_full', /no sslmode "verify_full".*verify-full/],
  ['an empty sslmode', 'postgres://u@host/d?sslmode=', /no sslmode ""/],
  ['verify-ca without an authority', 'postgres://u@host/d?sslmode=verify-ca', /sslrootcert=FILE/],
  ['a raw # in the password', 'postgres://u:can#ary@host/d', /%23/],
  ['a raw # in the name', 'postgres://u:canary@host/d#e', /%23/],
  ['a raw / in the password', 'postgres://u:can/ary@host/d', /percent-encoded/],
  ['a raw % in the name', 'postgres://u:canary@host/100%', /%25/],
])('a URL with %s is refused, and its password is not shown', async ([, url, says]) => {
  const refused = readDatabaseUrl(url, nothing);
  await expect(refused).rejects.toMatchObject({ code: 'BAD_USAGE', message: expect.stringMatching(says) as string });
  await expect(refused).rejects.not.toMatchObject({ message: expect.stringMatching(/ary/) as string });
});

test('TLS is as the environment says it, as libpq takes it, unless the URL says it', async () => {
  const environment = { databasePassword: null, libpq: { PGSSLMODE: 'require', PGCHANNELBINDING: 'require' } };
  const address = await readDatabaseUrl('postgres://u@host/d', environment);
  expect(address.connection.tls).toEqual({ rejectUnauthorized: false });
  expect(address.tlsVariables).toEqual({ PGSSLMODE: 'require', PGCHANNELBINDING: 'require' });
  const own = await readDatabaseUrl('postgres://u@host/d?sslmode=disable', environment);
  expect(own.connection.tls).toBe(false);
  expect(own.tlsVariables['PGSSLMODE']).toBe('disable');
  await expect(readDatabaseUrl('postgres://u@host/d', { ...environment, libpq: { PGSSLMODE: 'on' } })).rejects.toThrow(
    'no sslmode "on"',
  );
});
