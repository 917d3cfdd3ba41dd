import { describe, expect, test } from 'vitest';
import { redact } from './redact.ts';

describe('a secret', () => {
  test.for([
    ['stands in the middle', 'pw=hunter2;', ['hunter2'], 'pw=…;'],
    ['stands there twice', 'hunter2 hunter2', ['hunter2'], '… …'],
    ['is encoded for a URL', 'q=a%2Fb%40c', ['a/b@c'], 'q=…'],
    ['is part of another one', 'hunter22', ['hunter', 'hunter22'], '…'],
    ['holds characters with a meaning in patterns', 'a.*$&b', ['.*$&'], 'a…b'],
    ['is empty', 'as it was', [''], 'as it was'],
  ] as const)('that %s is masked', ([, text, secrets, expected]) => {
    expect(redact(text, secrets)).toBe(expected);
  });

  test.for([
    ['postgres://me:hunter2@db:5432/x', 'postgres://me:…@db:5432/x'],
    ['postgresql+asyncpg://me:hunter2@db/x', 'postgresql+asyncpg://me:…@db/x'],
    ['redis://:hunter2@db', 'redis://:…@db'],
    ['POSTGRES://me:hun:ter2@db', 'POSTGRES://me:…@db'],
    ['postgres://me:hun@ter2@db/x', 'postgres://me:…@db/x'],
    ['postgres://me:hun/ter2@db/x', 'postgres://me:…@db/x'],
    ['from postgres://a:hunter2@x/y to postgres://b:hunter2@x/y', 'from postgres://a:…@x/y to postgres://b:…@x/y'],
    ['postgres://db/x?user=me&password=hunter2&sslmode=require', 'postgres://db/x?user=me&password=…&sslmode=require'],
    ['host=db password=hunter2 user=me', 'host=db password=… user=me'],
    ["host=db password = 'hun ter\\'2' user=me", 'host=db password = … user=me'],
    ['PGPASSWORD=hunter2 psql', 'PGPASSWORD=… psql'],
    ['key.pem sslpassword=hunter2', 'key.pem sslpassword=…'],
  ] as const)('of a connection is masked without being known: %s', ([text, expected]) => {
    expect(redact(text)).toBe(expected);
  });

  test.for([
    'http://127.0.0.1:8080/health answers 503, see a@b',
    'http://127.0.0.1:8080/path?mail=a@b',
    'FATAL:  password authentication failed for user "me"',
    'pg_restore: from TOC entry 215; 1259 16389 TABLE users me@host',
  ])('is not seen where there is none: %s', (text) => {
    expect(redact(text)).toBe(text);
  });
});
