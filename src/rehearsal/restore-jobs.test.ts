import { readFile } from 'node:fs/promises';
import { expect, onTestFinished, test } from 'vitest';
import { serveDrill } from '../../fixtures/testing/drills.ts';
import { describeEitherEngine } from '../../fixtures/testing/engines.ts';
import { rehearseSteps, type RunStep } from '../../fixtures/testing/rehearse-steps.ts';
import { useServer } from '../../fixtures/testing/servers.ts';
import { withClient } from '../../fixtures/testing/sessions.ts';
import type { Choices } from './drill.ts';
import type { ProfileInput } from '../config/profile.ts';
import { chooseJobs, orderMatters } from './restore-jobs.ts';
import type { ServedDatabase } from './served-database.ts';
import { captureReference } from './steps/capture-reference.ts';
import { compareWithReference } from './steps/compare.ts';
import { takeDump, type TakenDump } from './steps/dump.ts';
import { dropAndRecreate } from './steps/recreate.ts';
import { restoreDump } from './steps/restore.ts';

test.each([
  [['ENCODING', 'TABLE', 'TABLE DATA', 'SEQUENCE SET', 'CONSTRAINT', 'INDEX', 'FK CONSTRAINT'], false],
  [['TABLE', 'TABLE DATA', 'FUNCTION'], true],
  [['TABLE', 'EXTENSION'], true],
  [['TABLE', 'MATERIALIZED VIEW DATA'], true],
  [['TABLE', 'BLOBS'], true],
  [['TABLE', 'a type of a later pg_dump'], true],
])('of %j, the order matters: %j', (types, expected) => {
  expect(orderMatters(types.map((type) => ({ type })))).toBe(expected);
});

/** The dump of a test is small: what is restored by several sessions is larger. */
const asLarge = (dump: TakenDump) => ({ ...dump, sizeBytes: 64 * 1024 * 1024 });

describeEitherEngine('a dump of a drill', (engine) => {
  const server = useServer(engine);

  test('is restored by several sessions where nothing depends on the order, and equals its source', async () => {
    const served = await fill('by_several', []);
    const restored = await dumpAndRestore(served);
    expect(restored.rules).toEqual([]);
    expect(restored.options).toMatch(/^--clean --if-exists --no-owner --no-privileges --exit-on-error --jobs=[234]$/);
  });

  test('is restored by one session where the drill is to be like production', async () => {
    const { rules, options } = await dumpAndRestore(await fill('like_production', [], {}, { faithful: true }));
    expect(rules).toEqual([]);
    expect(options).toBe('--clean --if-exists --no-owner --no-privileges --exit-on-error');
  });

  test('is restored once more by one session where several fail, and that one says why', async () => {
    const served = await fill('by_one', [
      'alter table notes add constraint small check (id < 500) not valid',
      "update pg_catalog.pg_constraint set convalidated = true where conname = 'small'",
    ]);
    const { rules, options, actual } = await dumpAndRestore(served);
    expect(rules).toEqual(['CHECK_VIOLATED']);
    expect(options).not.toContain('--jobs');
    expect(actual).toBe('status 1, 1 errors');
  });

  test('is restored by one session where it is small, holds code, or the profile wants more than the runbook', async () => {
    const served = await fill('by_shape', []);
    const { profile } = served.drill;
    const dump = await takeOne(served);
    expect(await chooseJobs(dump, profile)).toBe(1);
    expect(await chooseJobs(asLarge(dump), profile, { processors: 64 })).toBe(4);
    expect(await chooseJobs(asLarge(dump), profile, { processors: 1 })).toBe(2);
    expect(await chooseJobs(asLarge(dump), { ...profile, ownership: 'preserve' })).toBe(1);
    expect(await chooseJobs(asLarge(dump), { ...profile, restoreAs: 'superuser' })).toBe(1);
    expect(await chooseJobs(asLarge(dump), { ...profile, tolerate: [{ message: 'x', reason: 'y' }] })).toBe(1);
    const withCode = await takeOne(await fill('with_code', ['create function f() returns int return 1']));
    expect(await chooseJobs(asLarge(withCode), profile)).toBe(1);
  });

  test('is compressed as the profile has it, else quickly', async () => {
    const [quick, plain] = [
      await takeOne(await fill('quick', [])),
      await takeOne(await fill('plain', [], { backups: { directory: 'backups', compression: '0' } })),
    ];
    const [ofQuick, ofPlain] = await Promise.all([quick, plain].map(({ file }) => readFile(file, 'latin1')));
    expect(ofQuick).not.toContain('note 999');
    expect(ofPlain).toContain('note 999');
  });

  async function fill(
    name: string,
    statements: string[],
    changes: Partial<ProfileInput> = {},
    choices: Partial<Choices> = {},
  ) {
    const database = { name, owner: `${name}_owner` };
    const served = await serveDrill(server(), { ...changes, database }, choices);
    onTestFinished(async () => {
      await served.drill.run.dispose();
    });
    await withClient(served.asOwner, (client) =>
      client.query(`create table notes (id serial primary key, note text);
        insert into notes (note) select 'note ' || n from generate_series(1, 1000) as n;
        create table parts (id int references notes);
        insert into parts select id from notes`),
    );
    await withClient(served.asAdmin, async (client) => {
      for (const sql of statements) await client.query(sql);
    });
    return served;
  }

  async function takeOne(served: ServedDatabase): Promise<TakenDump> {
    const reference = (await captureReference(served.drill, { served }, () => undefined)).made;
    if (reference === undefined) throw new Error('There is no reference.');
    const { made } = await takeDump(served.drill, { served, reference }, () => undefined);
    if (made === undefined) throw new Error('There is no dump.');
    return made;
  }

  async function dumpAndRestore(served: ServedDatabase) {
    const { metas, rules } = await rehearseSteps(served.drill, async (step: RunStep) => {
      const reference = await step('capture', captureReference, { served });
      const dump = await step('dump', takeDump, { served, reference });
      const site = await step('recreate', dropAndRecreate, { served, reference, dump, application: null });
      const restored = await step('restore', restoreDump, { site, dump: asLarge(dump) });
      await step('compare', compareWithReference, { restored, reference, dump });
    });
    const { facts, checks } = metas[3]?.contribution ?? {};
    return { rules, options: String(facts?.['options']), actual: checks?.[0]?.actual };
  }
});
