import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { consequences } from '../../fixtures/databases/consequences.ts';
import { createEveryKind, typesOfObjects } from '../../fixtures/databases/every-kind.ts';
import {
  contentMutations,
  definitionMutations,
  lossMutations,
  stateMutations,
} from '../../fixtures/databases/mutations.ts';
import { settingMutations } from '../../fixtures/databases/setting-mutations.ts';
import { switchMutations } from '../../fixtures/databases/switch-mutations.ts';
import { undumpedMutations } from '../../fixtures/databases/undumped-mutations.ts';
import { shareCopies } from '../../fixtures/databases/share-copies.ts';
import { harmlessChanges } from '../../fixtures/databases/harmless-changes.ts';
import { asDump } from '../../fixtures/testing/dumps.ts';
import { describeEngines } from '../../fixtures/testing/engines.ts';
import { sampleOf } from '../../fixtures/testing/sample.ts';
import { useServer } from '../../fixtures/testing/servers.ts';
import { withClient } from '../../fixtures/testing/sessions.ts';
import type { Connection } from '../postgres/connection.ts';
import { copyStrategy } from '../postgres/copy-strategy.ts';
import { dropDatabase } from '../postgres/database.ts';
import { dumpDatabase } from '../postgres/dump.ts';
import { createReader } from '../postgres/reader.ts';
import { restoreDatabase } from '../postgres/restore.ts';
import { compareSnapshots } from './compare.ts';
import type { Difference } from './difference.ts';
import type { Ownership } from './facet.ts';
import type { Snapshot } from './snapshot.ts';
import { openSnapshot, takeSnapshot } from './take.ts';

const limits = { timeoutMs: 60_000 };
const reader = { user: 'restore_rehearsal_reader_of_snapshots', password: 'no secret here' };

/** What a dump does to it: children that had their columns in another order than their parents come back with theirs. */
const known = ['COLUMN_ORDER_CHANGED birds', 'COLUMN_ORDER_CHANGED parrots'];

describeEngines('a snapshot of every kind of object and value', (engine) => {
  const server = useServer(engine);
  // What a snapshot sees is up to our SQL and to PostgreSQL, and hardly to the engine.
  const isLocal = engine === 'local';
  const drawn = <Change extends { rule: string }>(changes: Change[]) =>
    sampleOf(changes, ({ rule }) => isLocal && rule, isLocal ? 1 : 3);
  let directory = '';
  let source: Connection;
  const references: Partial<Record<Ownership, Snapshot>> = {};

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'restore-rehearsal-test-'));
    await chmod(directory, 0o711);
    source = await createEveryKind(server());
    await createReader(server().admin, reader);
    await using open = await openSnapshot({ ...source, ...reader }, snapshotOptions('preserve'));
    references.preserve = open.snapshot;
    references.runbook = await takeSnapshot({ ...source, ...reader }, snapshotOptions('runbook'));
    const dump = await dumpDatabase(server(), source, open.id, join(directory, 'every-kind.dump'), limits);
    expect(dump).toMatchObject({ exitCode: 0, stderr: '' });
    await createCopy('restored', 'template0');
    expect(await restoreWithOwners('restored')).toMatchObject({ exitCode: 0, stderr: '' });
  });
  afterAll(() => rm(directory, { recursive: true, force: true }));

  test('is the same after a dump and a restore by the runbook', async () => {
    await createCopy('restored-by-runbook', 'template0');
    const target = { ...source, database: 'restored-by-runbook' };
    const restore = await restoreDatabase(server(), target, await asDump(join(directory, 'every-kind.dump')), limits);
    expect(restore).toMatchObject({ exitCode: 0, stderr: '' });
    expect(listed(await findDifferences('restored-by-runbook', 'runbook'))).toEqual(known);
  });

  test('is the same after a dump and a restore with owners and privileges', async () => {
    expect(listed(await findDifferences('restored', 'preserve'))).toEqual(known);
  });

  test('holds something of every kind', () => {
    const { tables, schema, sequences, largeObjects } = references.preserve as Snapshot;
    expect([...new Set(Object.values(schema).map(({ type }) => type))].toSorted()).toEqual(typesOfObjects);
    expect(tables.filter(({ notRead }) => notRead !== null).map(({ name }) => name)).toEqual([
      'far_away',
      'lines',
      'partly_far_there',
      'unpopulated',
    ]);
    expect(sequences.length).toBeGreaterThan(10);
    expect(largeObjects.rows).toBe(7);
  });

  // Changes to different tables share a copy: each has to be found in its own table, and nothing anywhere else.
  describe.each(sampleOf(shareCopies(contentMutations), () => 'content', isLocal ? 4 : 1))(
    'names a change of content, and no other, in copy $number:',
    ({ mutations }) => {
      let differences: Difference[] = [];
      beforeAll(async () => {
        differences = await mutate(mutations.map(({ sql }) => sql).join(';\n'));
      });

      test.each(mutations)('$name', ({ rule, object }) => {
        const found = differences.filter((difference) => difference.object === object);
        expect(found).toEqual([expect.objectContaining({ rule, severity: 'error' })]);
      });

      test('nothing else', () => {
        expect(differences).toHaveLength(mutations.length);
      });
    },
  );

  describe.concurrent.each([
    { what: 'a loss', mutations: lossMutations },
    { what: 'another definition', mutations: definitionMutations },
    { what: 'another state', mutations: stateMutations },
    { what: 'another setting', mutations: settingMutations },
    { what: 'what is switched off', mutations: switchMutations },
  ])('names $what, and nothing else:', ({ mutations }) => {
    test.each(drawn(mutations))(
      '$name ($rule)',
      async ({ name, sql, rule, object, also = consequences[`${name} (${rule})`] ?? [] }) => {
        const differences = await mutate(sql);
        expect(listed(differences)).toEqual([`${rule} ${object}`, ...also].toSorted());
      },
    );
  });

  describe.concurrent('names what the source has and no dump holds, and nothing else:', () => {
    test.each(drawn(undumpedMutations))('$name ($rule)', async ({ sql, rule, object, also = [] }) => {
      const differences = await mutate(sql, 'source');
      expect(listed(differences)).toEqual([`${rule} ${object}`, ...also].toSorted());
      const others = differences.filter(({ isTolerable }) => isTolerable !== true);
      // Its rows are lost, too.
      expect(others.map((each) => each.rule)).toEqual(sql.includes('create table added') ? ['TABLE_MISSING'] : []);
    });
  });

  describe.concurrent('does not depend on', () => {
    test.each(sampleOf(harmlessChanges, ({ allowed }) => isLocal && allowed, 6))('$name', async ({ sql, allowed }) => {
      const differences = await mutate(sql);
      expect(differences.filter(({ rule }) => rule !== allowed)).toEqual([]);
      if (allowed !== null) expect(differences).not.toEqual([]);
    });
  });

  let copies = 0;

  /** Applies SQL to a copy of the restored database, which is gone afterwards, and compares it with the source, or as the source. */
  async function mutate(sql: string, as: 'restored' | 'source' = 'restored'): Promise<Difference[]> {
    copies += 1;
    const name = `copy-${copies}`;
    await createCopy(name, 'restored');
    await withClient({ ...source, database: name }, (client) => client.query(sql));
    const differences = await findDifferences(name, 'preserve', as);
    await dropDatabase(server().admin, name);
    return differences.filter((difference) => !known.includes(listed([difference]).join()));
  }

  async function createCopy(name: string, template: string): Promise<void> {
    const [copy, owner] = [name, `${source.database} owner`].map((each) => pg.escapeIdentifier(each));
    await withClient(server().admin, async (client) =>
      client.query(`create database ${copy} owner ${owner} template ${template} ${await copyStrategy(client)}`),
    );
  }

  async function findDifferences(database: string, ownership: Ownership, as = 'restored'): Promise<Difference[]> {
    const snapshot = await takeSnapshot({ ...source, ...reader, database }, snapshotOptions(ownership));
    const reference = references[ownership] as Snapshot;
    return as === 'source' ? compareSnapshots(snapshot, reference) : compareSnapshots(reference, snapshot);
  }

  function snapshotOptions(ownership: Ownership) {
    return { ...limits, runner: server(), ownership };
  }

  function restoreWithOwners(database: string) {
    const args = ['--exit-on-error', `--dbname=${database}`];
    const stdinFile = join(directory, 'every-kind.dump');
    return server().runTool({ tool: 'pg_restore', args, ...source, ...limits, stdinFile });
  }
});

function listed(differences: Difference[]): string[] {
  return differences.map(({ rule, object }) => `${rule} ${object}`).toSorted();
}
