import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, inject, onTestFinished, test } from 'vitest';
import { makeDrill } from '../../fixtures/testing/drills.ts';
import { makePrograms } from '../../fixtures/testing/programs.ts';
import { rehearseSteps } from '../../fixtures/testing/rehearse-steps.ts';
import { withClient } from '../../fixtures/testing/sessions.ts';
import { makeServerDirectory, startServer } from '../../fixtures/testing/servers.ts';
import { sealDump } from '../backup/seal-dump.ts';
import { readEnvironment } from '../config/environment.ts';
import { isUnavailable } from '../engine/engine.ts';
import { probeLocal } from '../engine/local.ts';
import type { Drill } from './drill.ts';
import { captureReference } from './steps/capture-reference.ts';
import { checkStructure } from './steps/check-structure.ts';
import { dump } from './steps/dump.ts';
import { examineBackup } from './steps/examine.ts';
import { dropAndRecreate } from './steps/recreate.ts';
import { restore } from './steps/restore.ts';
import type { StepBody } from './step.ts';

const steps = { captureReference, dump, examineBackup, dropAndRecreate, restore, checkStructure };
/** What a program is given is read to its end, and it fails without a word. */
const silently = (status: number) => `cat >/dev/null; exit ${status}`;

describe.skipIf(inject('skipped').local !== null)('a program of PostgreSQL that fails and says nothing', () => {
  test.each([
    [
      'pg_dump',
      `case "$*" in *--schema-only* | *--version*) exec "$real/pg_dump" "$@";; esac; ${silently(1)}`,
      'DUMP_FAILED',
      'pg_dump failed: it printed nothing',
    ],
    [
      'pg_restore',
      `case "$*" in *--list*) ;; *) exec "$real/pg_restore" "$@";; esac; ${silently(1)}`,
      'ARCHIVE_NOT_RECOGNISED',
      'pg_restore cannot read the archive: it printed nothing',
    ],
    [
      'pg_restore',
      `case "$*" in *--dbname*) ;; *) exec "$real/pg_restore" "$@";; esac; ${silently(1)}`,
      'RESTORE_FAILED',
      'pg_restore failed: it printed nothing',
    ],
    ['pg_amcheck', silently(2), 'STRUCTURE_CORRUPT', 'pg_amcheck finds corruption: it printed nothing'],
  ])('%s (%#) speaks against the backup all the same', async (program, script, rule, message) => {
    const drill = await makeSilent({ [program]: script });
    const { metas, rules } = await rehearseSteps(drill, steps);
    expect(rules).toEqual([rule]);
    expect(metas.at(-1)?.contribution.findings).toEqual([
      expect.objectContaining({ rule, severity: 'error', message }),
    ]);
    expect(metas.at(-1)?.contribution.checks?.map(({ status }) => status)).toContain('failed');
  });

  test('psql speaks against a plain SQL dump all the same', async () => {
    const drill = await makeSilent({ psql: `case "$*" in *--version*) exec "$real/psql" "$@";; esac; ${silently(3)}` });
    const dumpPlain: StepBody = async (of) => {
      const file = join(of.directory, 'plain.sql');
      const { stdout } = await of
        .need('server')
        .runTool({ tool: 'pg_dump', args: [], ...of.database, timeoutMs: 30_000 });
      await writeFile(file, `${stdout}\n`);
      of.dump = await sealDump(file, of.directory);
      return {};
    };
    const { rules, metas } = await rehearseSteps(drill, { captureReference, dumpPlain, dropAndRecreate, restore });
    expect(rules).toEqual(['RESTORE_FAILED']);
    expect(metas.at(-1)?.contribution.findings?.[0]?.message).toBe('psql failed: it printed nothing');
  });

  test('pg_amcheck says nothing of the backup where it could not look', async () => {
    const drill = await makeSilent({ pg_amcheck: silently(1) });
    const { rules } = await rehearseSteps(drill, steps);
    expect(rules).toEqual(['INTERNAL: pg_amcheck ended with status 1: it printed nothing']);
  });

  async function makeSilent(scripts: Record<string, string>): Promise<Drill> {
    const environment = { ...readEnvironment(), postgresBinDirectory: await makePrograms(scripts) };
    const engine = await probeLocal(environment, null);
    if (isUnavailable(engine)) throw new Error(engine.reason);
    const server = await startServer('local', await makeServerDirectory(), {}, engine);
    onTestFinished(() => server[Symbol.asyncDispose]());
    const drill = await makeDrill(server, {});
    await withClient(drill.database, (client) =>
      client.query('create table notes (id int primary key); insert into notes values (1)'),
    );
    return drill;
  }
});
