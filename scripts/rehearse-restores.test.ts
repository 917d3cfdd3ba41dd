import { describe, expect, test } from 'vitest';
import { describeEitherEngine } from '../fixtures/testing/engines.ts';
import { expectNothingLeft } from '../fixtures/testing/leftovers.ts';
import { makeProfile } from '../fixtures/testing/profiles.ts';
import { runRehearse, type RehearseResult } from '../fixtures/testing/run-rehearse.ts';

describeEitherEngine('a rehearsal under live writes', (engine) => {
  test('finds counts, content, sequences and dump of one moment', async () => {
    const result = await runRehearse({ engine, args: ['live-writes'] });

    expect(result.output).toContain('verdict   verified');
    expect(result.exitCode).toBe(0);
    expect(result.evidence?.checks).toContainEqual(
      expect.objectContaining({ id: 'writes-happened', status: 'passed' }),
    );
    await expectNothingLeft(engine, result);
  });

  test('names the keys of rows that are missing, extra or changed, and no values', async () => {
    const notes =
      "create table notes (id integer primary key, text text); insert into notes select n, 'canary' from generate_series(1, 50) as n;";
    const writes = [
      "insert into notes select max(id) + 1, 'canary' from notes",
      "update notes set text = text || '.' where id = 7",
    ];
    const config = await makeProfile({ writes }, { 'schema.sql': notes });
    const result = await runRehearse({ engine, args: ['fixtures/damaged/beside.rehearsal.ts', '--config', config] });

    expect(result.exitCode).toBe(1);
    expect(result.evidence?.findings).toEqual([
      expect.objectContaining({ rule: 'ROW_COUNT_MISMATCH', object: 'notes' }),
    ]);
    const message = result.evidence?.findings[0]?.message ?? '';
    expect(message).toContain('1 missing: (1); 12 extra: (100001) (100002)');
    expect(message).toMatch(/\(100010\) …; 3 changed: \(2\) \(30\) \(4\)\.$/);
    expect(JSON.stringify(result.evidence)).not.toContain('canary');
    await expectNothingLeft(engine, result);
  });
});

describeEitherEngine('ownership: preserve', (engine) => {
  const grants = `
    create table notes (id integer primary key, text text);
    grant select on notes to reader;
    alter default privileges grant insert on tables to "writer ""w""";
    create extension if not exists pageinspect;
  `;
  const profile = {
    ownership: 'preserve',
    roles: ['reader', 'writer "w"'],
    extensions: ['pageinspect', 'not-installed-here'],
  };

  test('brings roles, owners, grants and what only a superuser may create back', async () => {
    const config = await makeProfile({ ...profile, extensions: ['pageinspect'] }, { 'schema.sql': grants });
    const result = await runRehearse({ engine, args: ['--config', config] });

    expect(result.output).toContain('verdict   verified');
    expect(result.exitCode).toBe(0);
    expect(result.evidence?.checks).toContainEqual(expect.objectContaining({ id: 'roles-restored', status: 'passed' }));
    expect(result.evidence?.coverage.checked).toEqual(
      expect.arrayContaining(['owners and privileges', 'attributes and settings of roles', 'memberships of roles']),
    );
    await expectNothingLeft(engine, result);
  });

  test('says so where an extension of the profile cannot be created', async () => {
    const config = await makeProfile(profile, { 'schema.sql': grants });
    const result = await runRehearse({ engine, args: ['--config', config] });

    expect(result.exitCode).toBe(2);
    expect(result.output).toContain('not-installed-here');
  });
});

test('with the runbook, what was not rehearsed stands under coverage', async () => {
  const { evidence } = await runRehearse({ engine: 'local', args: ['--config', await makeProfile({})] });
  expect(evidence?.verdict).toBe('verified');
  expect(evidence?.coverage.notChecked).toContainEqual({
    what: 'owners, privileges and roles',
    why: 'the runbook restores with --no-owner --no-privileges',
  });
});

describe('an error of pg_restore', () => {
  // The function finds its helper by the search_path of the session, which is empty while a dump is restored.
  const schema = `
    create function helper(integer) returns integer immutable language sql as 'select $1 + 1';
    create function indexed(integer) returns integer immutable language plpgsql as 'begin return helper($1); end';
    create table notes (id integer primary key, text text);
    insert into notes values (1, 'one');
    create index notes_indexed on notes (indexed(id));
  `;

  test('is named, and speaks against the backup', async () => {
    const result = await rehearse({});
    expect(result.exitCode).toBe(1);
    expect(result.evidence?.findings).toEqual([
      expect.objectContaining({ rule: 'FUNCTION_NOT_FOUND', severity: 'error', object: 'helper(integer)' }),
    ]);
  });

  test('can be tolerated with a reason, but what is missing then is still found', async () => {
    const result = await rehearse({
      tolerate: [{ message: 'function helper(integer) does not exist', reason: 'rebuilt by hand' }],
    });
    expect(result.exitCode).toBe(1);
    expect(result.evidence?.findings).toContainEqual(
      expect.objectContaining({
        rule: 'FUNCTION_NOT_FOUND',
        severity: 'warning',
        message: expect.stringContaining('rebuilt by hand') as string,
      }),
    );
    expect(result.evidence?.findings).toContainEqual(
      expect.objectContaining({ rule: 'INDEX_MISSING', severity: 'error', object: 'notes_indexed' }),
    );
  });

  test('is not tolerated any more after its date', async () => {
    const tolerate = [{ message: 'helper', reason: 'for now', until: '2020-01-31' }];
    const result = await rehearse({ tolerate });
    expect(result.exitCode).toBe(1);
    expect(result.evidence?.findings).toContainEqual(
      expect.objectContaining({
        rule: 'FUNCTION_NOT_FOUND',
        severity: 'error',
        message: expect.stringContaining('tolerated until 2020-01-31') as string,
      }),
    );
  });

  async function rehearse(profile: Record<string, unknown>): Promise<RehearseResult> {
    const config = await makeProfile(profile, { 'schema.sql': schema });
    return runRehearse({ engine: 'local', args: ['--config', config] });
  }
});
