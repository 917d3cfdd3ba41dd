import { expect, test } from 'vitest';
import { answer, serve } from '../../../fixtures/testing/http.ts';
import { readEnvironment } from '../../system/environment.ts';
import { findFreePort } from '../../system/free-port.ts';
import { examineApplication } from './examine-application.ts';

function examine(url: string) {
  const health = { path: '/health', status: 200, withinMs: 1000 };
  return examineApplication({ url, health } as Parameters<typeof examineApplication>[0], '/', readEnvironment());
}

test('an application that answers works, whatever it answers', async () => {
  const { baseUrl } = await serve(answer(503, {}));
  expect(await examine(`${baseUrl}/`)).toEqual({ state: 'works', text: `${baseUrl} answers 503` });
});

test('one that does not answer is broken, with what was met', async () => {
  const origin = `http://127.0.0.1:${await findFreePort()}`;
  expect(await examine(origin)).toMatchObject({
    state: 'broken',
    text: `${origin} gives no answer (ECONNREFUSED)`,
    remedy: 'start it, or mend app.url in the profile',
  });
});
