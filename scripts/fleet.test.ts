import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createTestDatabase, useServer } from '../fixtures/testing/servers.ts';
import { isLongRun } from '../fixtures/testing/sample.ts';
import { startCommand } from '../fixtures/testing/run-rehearse.ts';
import { makeWorkspace } from '../fixtures/testing/workspace.ts';
import { isRun } from '../src/evidence/ledger/line.ts';
import { readLedger } from '../src/evidence/ledger/read-ledger.ts';
import { verifyLedger } from '../src/evidence/ledger/verify.ts';
import { withClient } from '../src/postgres/connection.ts';
import { urlWithoutPassword } from '../src/source/database-url.ts';

const [databases, shards] = isLongRun ? [60, 4] : [4, 2];
const odd = 'odd \'name\' $(x) "ü"';

describe('several databases of one server', { timeout: 3_600_000 }, () => {
  const server = useServer('local');

  /** A profile that lists what is on the server, and a command that is typed beside it. */
  async function makeFleet() {
    const { admin } = server();
    const names = [odd, ...Array.from({ length: databases - 1 }, (_, index) => `shop-${index + 1}`)];
    for (const [index, name] of names.entries()) {
      const owner = await createTestDatabase(server(), name);
      await withClient(owner, (client) =>
        client.query(
          `create table public.t as select i, md5(i::text) from generate_series(1, ${(index + 1) * 100}) as i`,
        ),
      );
    }
    const url = urlWithoutPassword({ connection: { ...admin, database: 'postgres' }, tlsVariables: {} });
    const profile = { name: 'fleet', databases: { server: url, except: ['postgres'] }, restoreAs: 'superuser' };
    const directory = await makeWorkspace({
      'rehearsal.config.mjs': `export default ${JSON.stringify(profile)};\n`,
      't/empty': '',
    });
    const env = { PGPASSWORD: admin.password, TMPDIR: join(directory, 't') };
    const at = (...parts: string[]) => join(directory, ...parts);
    const config = ['--config', at('rehearsal.config.mjs')];
    const start = (script: string, args: string[], more: Record<string, string> = {}) =>
      startCommand(script, [...args, ...config], { ...env, ...more });
    return { at, names, start };
  }

  test('parts of a plan give what one run gives, and what is missing is named', async () => {
    const { at, names, start } = await makeFleet();
    const plan = ['--plan', at('plan.json')];
    const parts = Array.from({ length: shards }, (_, index) => at(`part-${index + 1}`));
    const merge = (into: string, which: string[]) => start('merge', [...plan, '--reports', at(into), ...which]);
    const shard = (index: number) =>
      start('rehearse', [...plan, '--engine', 'local', '--shards', String(shards), '--reports', parts[index] ?? ''], {
        JOB_COMPLETION_INDEX: String(index),
      });

    const planned = await start('plan', ['--out', at('plan.json'), '--engine', 'local']);
    expect(planned.all).toContain('left out: postgres');
    expect(planned.exitCode).toBe(0);

    const whole = await start('rehearse', [...plan, '--engine', 'local', '--jobs', '2', '--reports', at('whole')]);
    expect(whole.all).toContain(`${databases} of ${databases} databases verified`);
    expect(whole.exitCode).toBe(0);

    for (const index of parts.slice(0, -1).keys()) expect(await shard(index)).toMatchObject({ exitCode: 0 });
    const killed = shard(shards - 1);
    killed.all.on('data', (chunk: Buffer) => {
      if (chunk.toString().includes('verified')) process.kill(-(killed.pid ?? 0), 'SIGKILL');
    });
    expect((await killed).signal).toBe('SIGKILL');

    const incomplete = await merge('merged', parts.toReversed());
    const left = await missingIn(at('merged'), names);
    expect(left.length).toBeGreaterThan(0);
    for (const name of left) expect(incomplete.all).toContain(`${name}: could-not-run: no evidence`);
    expect(incomplete.all).toMatch(/did not come to its end/);
    expect(incomplete.exitCode).toBe(2);

    await rm(parts.at(-1) ?? '', { recursive: true });
    expect(await shard(shards - 1)).toMatchObject({ exitCode: 0 });
    expect(await merge('again', parts)).toMatchObject({ exitCode: 0 });
    const before = await readFile(at('again', 'ledger.jsonl'), 'utf8');
    const twice = await merge('again', [...parts.toReversed(), ...parts]);
    expect(twice.exitCode).toBe(0);
    expect(await readFile(at('again', 'ledger.jsonl'), 'utf8')).toBe(before);

    expect(await verifyLedger(at('again'), { expectedHead: null })).toMatchObject({
      problem: null,
      runs: databases + 1,
    });
    expect(await evidenceIn(at('again'))).toEqual(await evidenceIn(at('whole')));
  });
});

async function missingIn(reports: string, names: string[]): Promise<string[]> {
  const lines = (await readLedger(reports))?.lines.filter(isRun) ?? [];
  return names.filter((name) => !lines.some(({ database }) => database === name));
}

/** All evidence of a directory by what it is about, but for times, ids and hashes of what holds a time. */
async function evidenceIn(reports: string): Promise<Record<string, unknown>> {
  const lines = (await readLedger(reports))?.lines.filter(isRun) ?? [];
  const all = lines.map(async ({ database, rehearsal, directory }) => {
    const text = await readFile(join(reports, directory, 'evidence.json'), 'utf8');
    return [`${rehearsal} of ${database ?? ''}`, withoutTimes(JSON.parse(text))] as const;
  });
  return Object.fromEntries(await Promise.all(all));
}

function withoutTimes(value: unknown, key = ''): unknown {
  // The run before it in the ledger of its part.
  if (key === 'previous') return 'ID';
  if (typeof value === 'number' && /Ms$|^bytes$|^freeBytes$|^sizeBytes$/.test(key)) return 'a number of a run';
  if (typeof value === 'string') {
    return value
      .replaceAll(/\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?Z?/g, 'TIME')
      .replaceAll(/\d{8}T\d{6}Z/g, 'TIME')
      .replaceAll(/(?<=TIME-latest-backup)-\d+/g, '')
      .replaceAll(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'ID')
      .replaceAll(/\b[0-9a-f]{64}\b/g, 'HASH')
      .replaceAll(/\b\d+(?:\.\d+)?(?:ms|s)\b/g, 'SPAN');
  }
  if (Array.isArray(value)) return value.map((each) => withoutTimes(each));
  if (typeof value !== 'object' || value === null) return value;
  const isPhases = key === 'phases';
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [name, withoutTimes(each, isPhases ? 'phaseMs' : name)]),
  );
}
