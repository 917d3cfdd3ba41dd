import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, inject, onTestFinished, test } from 'vitest';
import { serveDrill } from '../../fixtures/testing/drills.ts';
import { makePrograms } from '../../fixtures/testing/programs.ts';
import { rehearseSteps, type RunStep } from '../../fixtures/testing/rehearse-steps.ts';
import { withClient } from '../../fixtures/testing/sessions.ts';
import { makeServerDirectory, startServer } from '../../fixtures/testing/servers.ts';
import { readEnvironment } from '../system/environment.ts';
import { createDatabase, dropDatabase } from '../postgres/database.ts';
import { isUnavailable } from '../engine/engine.ts';
import { probeLocal } from '../engine/local.ts';
import { backupSet } from '../backup/backup-set.ts';
import { openBackup } from '../../fixtures/testing/dumps.ts';
import { RestoreSite } from './restore-site.ts';
import type { ServedDatabase } from './served-database.ts';
import { captureReference } from './steps/capture-reference.ts';
import { checkStructure } from './steps/check-structure.ts';
import { takeDump } from './steps/dump.ts';
import { examine } from './steps/examine.ts';
import { dropAndRecreate } from './steps/recreate.ts';
import { restoreDump, restoreInto } from './steps/restore.ts';

const steps = (served: ServedDatabase) => async (step: RunStep) => {
  const reference = await step('capture', captureReference, { served });
  const dump = await step('dump', takeDump, { served, reference });
  await step('examine', async () => examine(served, await openBackup(backupSet(dump.file)), null), {});
  const site = await step('recreate', dropAndRecreate, { served, reference, dump, application: null });
  const restored = await step('restore', restoreDump, { site, dump });
  await step('check', checkStructure, { restored });
};
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
    const served = await makeSilent({ [program]: script });
    const { metas, rules } = await rehearseSteps(served.drill, steps(served));
    expect(rules).toEqual([rule]);
    expect(metas.at(-1)?.contribution.findings).toEqual([
      expect.objectContaining({ rule, severity: 'error', message }),
    ]);
    expect(metas.at(-1)?.contribution.checks?.map(({ status }) => status)).toContain('failed');
  });

  test('psql speaks against a plain SQL dump all the same', async () => {
    const served = await makeSilent({
      psql: `case "$*" in *--version*) exec "$real/psql" "$@";; esac; ${silently(3)}`,
    });
    const { server, drill } = served;
    const file = join(drill.run.directory, 'plain.sql');
    const { stdout } = await server.runTool({ tool: 'pg_dump', args: [], ...served.asOwner, timeoutMs: 30_000 });
    await writeFile(file, `${stdout}\n`);
    await dropDatabase(server.admin, served.asOwner.database);
    const site = new RestoreSite(served);
    await createDatabase(server.admin, site.asOwner);
    const { format, dump } = await openBackup(backupSet(file));
    const { rules, metas } = await rehearseSteps(drill, (step) =>
      step('restore', () => restoreInto(site, format.open(dump, served.reader)), {}),
    );
    expect(rules).toEqual(['RESTORE_FAILED']);
    expect(metas.at(-1)?.contribution.findings?.[0]?.message).toBe('psql failed: it printed nothing');
  });

  test('pg_amcheck says nothing of the backup where it could not look', async () => {
    const served = await makeSilent({ pg_amcheck: silently(1) });
    const { rules } = await rehearseSteps(served.drill, steps(served));
    expect(rules).toEqual(['INTERNAL: pg_amcheck ended with status 1: it printed nothing']);
  });

  async function makeSilent(scripts: Record<string, string>): Promise<ServedDatabase> {
    const environment = { ...readEnvironment(), postgresBinDirectory: await makePrograms(scripts) };
    const engine = await probeLocal(environment, null);
    if (isUnavailable(engine)) throw new Error(engine.reason);
    const server = await startServer('local', await makeServerDirectory(), {}, engine);
    onTestFinished(() => server[Symbol.asyncDispose]());
    const served = await serveDrill(server, {});
    await withClient(served.asOwner, (client) =>
      client.query('create table notes (id int primary key); insert into notes values (1)'),
    );
    return served;
  }
});
