import { chmod, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeEvidence } from '../../../fixtures/testing/evidence.ts';
import { promtool, promtoolMissing } from '../../../fixtures/testing/promtool.ts';
import { makeWorkspace } from '../../../fixtures/testing/workspace.ts';
import { recordEvidence } from '../ledger/record.ts';
import type { Evidence } from '../schema.ts';
import { parseMetrics } from './text.ts';
import { writeMetrics } from './write.ts';

async function makePlace() {
  const directory = await makeWorkspace();
  return { directory, file: join(directory, 'rehearsal.prom'), reports: join(directory, 'reports') };
}

type Place = Awaited<ReturnType<typeof makePlace>>;

async function write({ file, reports }: Place, ...all: Evidence[]): Promise<string> {
  await writeMetrics({ file, frequencyMs: 86_400_000 }, reports, all);
  return readFile(file, 'utf8');
}

function of(database: string, changes: Partial<Evidence> = {}): Evidence {
  const { about } = makeEvidence();
  return makeEvidence({ about: about === null ? null : { ...about, database }, ...changes });
}

function valueOf(text: string, name: string, database: string): number | undefined {
  return parseMetrics(text)?.find(
    (one) => one.name === `restore_rehearsal_${name}` && one.labels['database'] === database,
  )?.value;
}

test('a run that is verified is written with all that was measured', async () => {
  const { objectives } = makeEvidence();
  const evidence = makeEvidence({
    counts: { users: { before: 3, after: 3 }, masters: { before: 2, after: 2 } },
    subject: {
      ...{ file: 'a.dump', sha256: 'a'.repeat(64), bytes: 27_607 },
      ...{ takenAt: '2026-02-09T09:00:00.000Z', format: 'custom', dumpVersion: '16.4' },
    },
    objectives: {
      rto: { ...objectives.rto, measuredMs: 1500, met: true },
      rpo: { ...objectives.rpo, measuredMs: 7_200_000 },
    },
  });
  const labels = 'profile="haircuttgbot",database="haircuttgbot",rehearsal="clean-state"';
  const text = await write(await makePlace(), evidence);
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  expect(lines.map((line) => line.replace(labels, '').replace('restore_rehearsal_', ''))).toEqual([
    'last_run_timestamp_seconds{} 1770630485.62',
    'last_success_timestamp_seconds{} 1770630485.62',
    'frequency_seconds{} 86400',
    'verdict{,verdict="verified"} 1',
    'verdict{,verdict="not-verified"} 0',
    'verdict{,verdict="could-not-run"} 0',
    'findings{,severity="error"} 0',
    'findings{,severity="warning"} 0',
    'duration_seconds{} 2.5',
    'rto_seconds{} 1.5',
    'rto_target_seconds{} 3600',
    'rpo_seconds{} 7200',
    'rpo_target_seconds{} 86400',
    'backup_timestamp_seconds{} 1770627600',
    'backup_bytes{} 27607',
    'restored_rows{} 5',
  ]);
});

test('a run of one database leaves what the file has of others, and replaces its own', async () => {
  const place = await makePlace();
  await write(place, of('shop'), of('news', { rehearsal: 'upgrade' }));
  const text = await write(place, of('shop', { verdict: 'could-not-run' }));
  expect(parseMetrics(text)?.filter(({ name }) => name.endsWith('last_run_timestamp_seconds'))).toHaveLength(2);
  expect(valueOf(text, 'last_run_timestamp_seconds', 'news')).toBeGreaterThan(0);
  expect(text).toContain('database="shop",rehearsal="clean-state",verdict="could-not-run"} 1');
});

test('the last success outlives a red run, by the file or by the ledger', async () => {
  const place = await makePlace();
  const success = 1_770_630_485.62;
  await write(place, of('shop'));
  const red = await write(place, of('shop', { verdict: 'not-verified', finishedAt: '2026-02-10T09:48:05.620Z' }));
  expect(valueOf(red, 'last_success_timestamp_seconds', 'shop')).toBe(success);
  expect(valueOf(red, 'last_run_timestamp_seconds', 'shop')).toBe(success + 86_400);

  const other = await makePlace();
  await recordEvidence(other.reports, of('shop'), {});
  const fresh = await write(other, of('shop', { id: crypto.randomUUID(), verdict: 'not-verified' }));
  // The ledger knows when it started, by the name of its directory.
  expect(valueOf(fresh, 'last_success_timestamp_seconds', 'shop')).toBe(1_770_630_483);
  expect(
    valueOf(await write(other, of('new', { verdict: 'not-verified' })), 'last_success_timestamp_seconds', 'new'),
  ).toBe(0);
});

test('what was not measured, or does not apply, is not written', async () => {
  const { objectives } = makeEvidence();
  const rpo = { ...objectives.rpo, notApplicable: 'seeded' };
  const text = await write(await makePlace(), makeEvidence({ objectives: { ...objectives, rpo } }));
  expect(text).not.toMatch(/rto_seconds|rpo|backup/);
});

const hostile = [
  'a"b',
  'a\\b',
  'a\nb{x="y"} 1',
  '} 7\nrestore_rehearsal_verdict{',
  'ключ',
  'a,b=c',
  '\u001b[31m',
  '\r',
  '\u202e',
  'x'.repeat(63),
];

test.for(hostile)('the name %j is one label of one database, also when it is read again', async (name) => {
  const place = await makePlace();
  await write(place, of(name));
  const text = await write(place, of(name), of('other'));
  const runs = parseMetrics(text)?.filter((one) => one.name.endsWith('last_run_timestamp_seconds'));
  expect(runs).toHaveLength(2);
  expect(text.split('\n').filter((line) => line.startsWith('restore_rehearsal_last_run'))).toHaveLength(2);
  if (promtoolMissing === null) expect(await promtool(['check', 'metrics'], text)).toBe('');
});

test.skipIf(promtoolMissing !== null)(
  `promtool finds nothing to say of it${promtoolMissing === null ? '' : `, skipped: ${promtoolMissing}`}`,
  async () => {
    expect(await promtool(['check', 'metrics'], await write(await makePlace(), of('shop'), of('news')))).toBe('');
  },
);

test('runs that end at the same time all stand in the file', async () => {
  const place = await makePlace();
  const names = Array.from({ length: 12 }, (_, index) => `database-${index}`);
  await Promise.all(names.map((name) => write(place, of(name))));
  const text = await readFile(place.file, 'utf8');
  for (const name of names) expect(valueOf(text, 'last_run_timestamp_seconds', name)).toBeGreaterThan(0);
  expect(await readdir(place.directory)).toEqual(['rehearsal.prom']);
});

test('other accounts can read it, whatever the umask', async () => {
  const place = await makePlace();
  const before = process.umask(0o077);
  try {
    await write(place, of('shop'));
  } finally {
    process.umask(before);
  }
  expect((await stat(place.file)).mode & 0o777).toBe(0o644);
});

test.for(['node_load1 0.5\n', 'hello', 'restore_rehearsal_verdict 1\n'])(
  'a file that holds %j is left as it is',
  async (content) => {
    const place = await makePlace();
    await writeFile(place.file, content);
    await expect(write(place, of('shop'))).rejects.toThrow(
      `${place.file} holds something that no rehearsal writes, and is left as it is. Name another file.`,
    );
    expect(await readFile(place.file, 'utf8')).toBe(content);
  },
);

test('a directory that is not there is said', async () => {
  const place = await makePlace();
  const file = join(place.directory, 'missing', 'a.prom');
  await expect(write({ ...place, file }, of('shop'))).rejects.toThrow(
    /^\S+a\.prom cannot be written: ENOENT.*Make its directory/,
  );
  await mkdir(join(place.directory, 'missing'));
  await chmod(join(place.directory, 'missing'), 0o755);
  expect(await write({ ...place, file }, of('shop'))).toContain('database="shop"');
});
