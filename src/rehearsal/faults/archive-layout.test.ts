import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { describeEngines } from '../../../fixtures/testing/engines.ts';
import { createTestDatabase, useServer } from '../../../fixtures/testing/servers.ts';
import { makeWorkspace } from '../../../fixtures/testing/workspace.ts';
import { readArchiveContents } from '../../postgres/archive-contents.ts';
import { withClient } from '../../../fixtures/testing/sessions.ts';
import { dumpDatabase } from '../../postgres/dump.ts';
import { listArchive } from '../../postgres/restore.ts';
import { readArchiveLayout } from './archive-layout.ts';

describeEngines('an archive', (engine) => {
  const server = useServer(engine);

  test('is taken apart as pg_restore lists it', async () => {
    const source = await createTestDatabase(server(), `shop "é'`);
    await withClient({ ...server().admin, ...source }, (client) =>
      client.query(`create table notes (id serial primary key, note text default 'it''s');
        comment on table notes is 'ünïcode'; insert into notes (note) values ('one')`),
    );
    const file = join(await makeWorkspace(), 'notes.dump');
    const dump = await dumpDatabase(server(), source, null, file, { timeoutMs: 30_000 });
    const { stdout } = await listArchive(server(), dump, { timeoutMs: 30_000 });
    const archive = await readFile(file);

    const layout = readArchiveLayout(archive);

    expect(readArchiveContents(stdout)).toMatchObject({
      database: source.database,
      format: 'CUSTOM',
      serverVersion: server().serverVersion,
    });
    const listed = [...stdout.matchAll(/^(\d+); \d+ \d+ /gm)].map(([, id]) => Number(id));
    expect(layout.entries.map(({ dumpId }) => dumpId)).toEqual(expect.arrayContaining(listed));
    expect(stdout).toContain(`TOC Entries: ${layout.entries.length}\n`);
    const table = layout.entries.find(({ description, name }) => description === 'TABLE' && name === 'notes');
    const at = table?.definitionStart ?? 0;
    expect(archive.toString('utf8', at, at + 12)).toBe('CREATE TABLE');
    // A block of data follows, of an entry that is there.
    expect(archive[layout.dataStart]).toBe(1);
    expect(layout.entries.map(({ dumpId }) => dumpId)).toContain(archive.readUInt32LE(layout.dataStart + 2));
  });
});

test('what is no archive, or of a version nobody knows, is refused', () => {
  expect(() => readArchiveLayout(Buffer.from('{"error": "access denied"}'))).toThrow('no archive of a known version');
  expect(() => readArchiveLayout(Buffer.from('PGDMP\u0001\u0011\u0000\u0004\u0008'))).toThrow('PGDMP 1.17');
});
