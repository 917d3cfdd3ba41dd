import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { serveDrill } from '../../../fixtures/testing/drills.ts';
import { describeEitherEngine } from '../../../fixtures/testing/engines.ts';
import { useServer } from '../../../fixtures/testing/servers.ts';
import { withClient } from '../../../fixtures/testing/sessions.ts';
import { openMoment } from '../../snapshot/take.ts';
import { makeWith } from '../../suite/step-of-suite.ts';
import type { Choices } from '../drill.ts';
import type { ServedDatabase } from '../served-database.ts';
import { snapshotOptions } from '../snapshot-options.ts';
import { runStep } from '../step.ts';
import { captureReference, captureWhileDumping } from './capture-reference.ts';
import { takeDump } from './dump.ts';
import { startDump } from './dump-under-way.ts';

describeEitherEngine('a dump that begins beside the reference', (engine) => {
  const server = useServer(engine);

  let served: ServedDatabase;
  let forks = 0;

  beforeAll(async () => {
    served = await serveDrill(server(), {});
    await withClient(served.asOwner, (client) =>
      client.query('create table notes (n int); insert into notes select generate_series(1, 1000)'),
    );
  });
  afterAll(() => served.drill.run.dispose());

  /** The same database, in a run of its own that is over with the test. */
  async function serveAgain(choices: Partial<Choices> = {}): Promise<ServedDatabase> {
    const { drill } = served;
    const run = await drill.run.fork(`fork ${(forks += 1)}`);
    onTestFinished(() => run[Symbol.asyncDispose]());
    return served.of(drill.with({ run, choices: { ...drill.choices, ...choices } }));
  }

  test('is of its moment, and is taken once', async () => {
    const again = await serveAgain();
    const reference = await makeWith(again.drill, captureWhileDumping, { served: again });
    expect(reference.dumping).toBeDefined();
    await withClient(again.asOwner, (client) => client.query('insert into notes values (0)'));
    const { meta, made } = await runStep(again.drill, takeDump, { served: again, reference });
    expect(meta.contribution).toMatchObject({
      summary: expect.stringContaining('beside the reference') as string,
      facts: { pgDumpMs: expect.any(Number) as number },
    });
    expect(made?.file).toBe(reference.dumping?.path);
    const { stdout } = await server().runTool({
      ...{ tool: 'pg_restore', args: ['--data-only', '--file=-'], stdinFile: made?.file ?? '', timeoutMs: 60_000 },
      ...again.asOwner,
    });
    expect(stdout.split('\n').filter((line) => /^\d+$/.test(line))).toHaveLength(1000);
  });

  test.each([
    ['with the settings of production', captureWhileDumping, { faithful: true }],
    ['where nobody asks for it', captureReference, {}],
  ] as const)('begins later %s', async (_name, body, choices) => {
    const again = await serveAgain(choices);
    const reference = await makeWith(again.drill, body, { served: again });
    expect(reference.dumping).toBeUndefined();
    const { sizeBytes } = await makeWith(again.drill, takeDump, { served: again, reference });
    expect(sizeBytes).toBeGreaterThan(1000);
  });

  test('that fails speaks in its own step', async () => {
    const again = await serveAgain();
    // The reader sees every row; the owner, as whom the dump is taken, does not.
    await withClient({ ...again.asAdmin }, (client) =>
      client.query('create table hidden (n int); insert into hidden values (1)'),
    );
    const reference = await makeWith(again.drill, captureWhileDumping, { served: again });
    const { meta } = await runStep(again.drill, takeDump, { served: again, reference });
    expect(meta.contribution.findings).toMatchObject([
      { rule: 'DUMP_FAILED', message: expect.stringContaining('permission denied for table hidden') as string },
    ]);
  });

  test('is ended with the run', async () => {
    const again = await serveAgain();
    const { drill, asReader } = again;
    const moment = await drill.run.use('moment', await openMoment(asReader, snapshotOptions(again)));
    await withClient(again.asAdmin, async (client) => {
      await client.query('begin; lock table notes in access exclusive mode');
      const dumping = await drill.run.use('dump', startDump(again, moment));
      await drill.run[Symbol.asyncDispose]();
      await expect(dumping.result).rejects.toMatchObject({ code: 'INTERRUPTED' });
    });
  });
});
