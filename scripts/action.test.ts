import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { describe, expect, inject, onTestFinished, test } from 'vitest';
import { describeEngine } from '../fixtures/testing/engines.ts';
import { readAction, runAction } from '../fixtures/testing/run-action.ts';
import { makeProfile } from '../fixtures/testing/profiles.ts';
import { dirname } from 'node:path';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';

interface Request {
  method: string;
  url: string;
  authorization: string;
  body: string;
}

/** Keeps the comments of a pull request as GitHub does. */
async function startGitHub() {
  const requests: Request[] = [];
  const comments: { id: number; body: string }[] = [{ id: 1, body: 'Looks good to me.' }];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      const text = Buffer.concat(chunks).toString();
      requests.push({ method, url, authorization: headers.authorization ?? '', body: text });
      const { body = '' } = text === '' ? {} : (JSON.parse(text) as { body?: string });
      if (method === 'POST') comments.push({ id: comments.length + 1, body });
      const changed = comments.find(({ id }) => url.endsWith(`/${id}`));
      if (method === 'PATCH' && changed !== undefined) changed.body = body;
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(comments));
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return { api: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests, comments };
}

describeEngine('local', 'the action', () => {
  test('rehearses, says what came of it, keeps the evidence, and tells the pull request once', async () => {
    const profile = await makeProfile({});
    const github = await startGitHub();
    const inputs = { arguments: 'clean-state', config: 'profile.mjs', engine: 'local', comment: 'true' };
    const event = { pull_request: { number: 7 } };
    const variables = { GITHUB_API_URL: github.api, GITHUB_REPOSITORY: 'shop/shop', GITHUB_JOB: 'drill' };
    const run = await runAction({ inputs, event, variables, workspace: dirname(profile), token: 'canary-token' });
    expect(run.success, run.log).toBe(true);
    expect(run.outputs['verdict']).toBe('verified');
    expect(Number(run.outputs['rto'])).toBeGreaterThan(0);
    const evidence = join(dirname(profile), run.outputs['evidence'] ?? '', 'evidence.json');
    expect(JSON.parse(await readFile(evidence, 'utf8'))).toMatchObject({ verdict: 'verified' });
    expect(run.summary).toContain('**1 of 1 verified**');
    expect(run.used).toEqual([
      {
        uses: 'actions/upload-artifact@v4',
        with: expect.objectContaining({ name: 'restore-evidence', path: 'reports' }) as unknown,
      },
    ]);
    expect(github.comments[1]?.body).toContain('**1 of 1 verified**');
    expect(github.requests.every(({ authorization }) => authorization === 'Bearer canary-token')).toBe(true);
    expect(run.log).not.toContain('canary-token');

    // Nothing can be loaded: red, and the same comment.
    await writeFile(profile, 'export default {');
    const red = await runAction({ inputs, event, variables, workspace: dirname(profile), token: 'canary-token' });
    expect(red.success).toBe(false);
    // What the run before has left says nothing of this one.
    expect(red.outputs).toEqual({ verdict: 'could-not-run', rto: '', evidence: '' });
    expect(red.used).toHaveLength(1);
    expect(github.comments).toHaveLength(2);
    expect(github.comments[1]?.body).toContain('could-not-run');
  });
});

describe('the action', () => {
  test.for([
    ['$(touch stolen)', 'rehearse'],
    ['latest-backup', 'rehearse; touch stolen'],
    ['`touch stolen`', '$(touch stolen)'],
  ])('runs nothing that an input holds: %j, %j', async ([names = '', command = '']) => {
    const profile = await makeProfile({});
    const inputs = { arguments: names, command, config: '$(touch stolen)', engine: 'local', artifact: '' };
    const run = await runAction({ inputs, event: {}, variables: {}, workspace: dirname(profile), token: '' });
    expect(run.success).toBe(false);
    expect(run.outputs['verdict']).toBe('could-not-run');
    await expect(readFile(join(dirname(profile), 'stolen'))).rejects.toThrow('ENOENT');
  });

  test('puts no expression into a script, and says every input and output', () => {
    const { runs, inputs, outputs } = readAction();
    for (const { run, name } of runs.steps) expect(run ?? '', name).not.toContain('${{');
    for (const input of Object.values(inputs)) expect(input.description.length).toBeGreaterThan(10);
    expect(Object.keys(outputs)).toEqual(['verdict', 'rto', 'evidence']);
    expect(inject('image')).toBeTruthy();
  });
});
