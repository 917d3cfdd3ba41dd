import { expect, test } from 'vitest';
import { readDatabaseUrl, urlWithoutPassword } from './database-url.ts';

test.for([
  'postgres://admin@host:5433/postgres',
  'postgres://a%20%22b%22@host:5432/Else%20%22where%22?sslmode=require',
  'postgres://admin@[::1]:5432/postgres',
  'postgres://admin@/postgres?host=%2Fvar%2Frun%2Fpostgresql&port=5433',
])('%s comes back without its password, and leads to the same place', async (url) => {
  const canary = 'canary';
  const address = await readDatabaseUrl(url.replace('@', `:${canary}@`), null);
  expect(address.connection.password).toBe(canary);
  const shown = urlWithoutPassword(address);
  expect(shown).not.toContain(canary);
  expect(await readDatabaseUrl(shown, canary)).toEqual(address);
});
