import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { describeEngine } from '../../../fixtures/testing/engines.ts';
import { makeIncident, rowsBackedUp, rowsLeft, type Incident } from '../../../fixtures/testing/incidents.ts';
import { useServer } from '../../../fixtures/testing/servers.ts';
import { withClient } from '../../../fixtures/testing/sessions.ts';
import { chooseOther, sinceOf } from '../diff-with.ts';
import { withReading } from '../read-session.ts';
import { restoreBeside } from '../restore-beside.ts';
import { readRightsCost } from '../rights-cost.ts';
import { rollBack, switchOver } from '../switch-over.ts';
import { countDifferences } from './compare-databases.ts';
import { countWrittenSince, listWrittenSince } from './written-since.ts';

const limits = { timeoutMs: 60_000 };
const soon = () => performance.now() + 60_000;

describeEngine('local', 'rows that a switch leaves behind', (engine) => {
  const server = useServer(engine);

  test('are counted and found by their keys, and so are those that a rollback leaves behind', async () => {
    const incident = await makeIncident(server());
    await write(
      incident,
      "insert into notes (note) values ('new'), ('newer'); update notes set note = 'changed' where id = 2",
    );
    await incident.withServer(async (opened, request) => {
      const restored = await restoreBeside(opened, request);
      if (restored.verdict !== 'verified') throw new Error(`It is ${restored.verdict}.`);
      const cost = await readRightsCost(opened, restored.name);
      const { putAside } = await switchOver(opened, restored, new Date(), { cost, accepted: false });
      const kept = putAside ?? '';
      expect(chooseOther(await opened.listDatabases(), { live: opened.live, name: null, backup: null }).name).toBe(
        kept,
      );
      await write(incident, "insert into notes (note) values ('since')");
      const [notes, ...none] = await countDifferences(opened, [opened.live, kept], limits, 60_000);
      expect(none).toEqual([]);
      expect(notes).toMatchObject({
        ...{ name: 'notes', live: rowsBackedUp + 1, restored: rowsLeft + 2 },
        rows: {
          onlyLeft: { count: rowsBackedUp - rowsLeft },
          // What was written there has the number of what was written here since.
          onlyRight: { count: 1 },
          changed: { count: 2 },
        },
      });

      await write(
        incident,
        "update notes set note = 'changed since' where id in (5, 6); delete from notes where id = 7",
      );
      const back = await rollBack(opened, new Date());
      if ('done' in back) throw new Error('It was done.');
      const meanwhile = chooseOther(await opened.listDatabases(), { live: opened.live, name: null, backup: null });
      expect([meanwhile.name, sinceOf(meanwhile)]).toEqual([back.putAside, back.since]);
      await withReading(opened, meanwhile.name, limits, async (client) => {
        const since = back.since ?? '';
        expect(await countWrittenSince(client, since, soon())).toEqual([{ name: 'notes', rows: 3 }]);
        const keys = await listWrittenSince(client, 'public.notes', since, { keys: 2, deadline: soon() });
        expect(keys).toEqual({ count: 3, first: ['(5)', '(6)'] });
      });
    });
  });

  test('are shown by the command, which finds the backup by a time', async () => {
    const incident = await makeIncident(server());
    await write(incident, "insert into notes (note) values ('new')");
    const directory = dirname(incident.taken.set.dump);
    const takenAt = incident.taken.manifest.takenAt;
    await addDamaged(incident);
    const find = (at: string, ...flags: string[]) => incident.start('--at', at, '--dir', directory, ...flags);
    const none = await find('2020-01-01 00:00Z');
    expect([none.exitCode, none.stderr]).toEqual([2, expect.stringMatching(/from before 2020-01-01.*Newer ones are/s)]);
    const later = new Date(Date.parse(takenAt) + 2000).toISOString();
    const { exitCode, stdout } = await find(later, '--switch');
    expect(exitCode, stdout).toBe(0);
    expect(stdout).toMatch(/was passed over: the dump has \d+ bytes/);
    expect(stdout).toContain('Rows of');
    expect(stdout).toMatch(/notes +100 +4 +97 +1 +0/);
    const diff = await incident.start('--diff', 'notes', '--keys', '2');
    expect(diff.stdout).toMatch(/only in .*_before_\S+: 1\n +\(101\)\n/);
    expect(diff.stdout).toMatch(/: 97\n +\(4\) \(5\) and 95 more/);
    await write(incident, "insert into notes (note) values ('after the switch')");
    const back = await incident.start('--rollback');
    expect(back.stdout).toMatch(/changed there since the switch:\n +notes +1\n/);
  });
});

const stamp = /(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z/;

/** The stamp of a second later, also over the end of a minute or a year. */
function laterStamp(text: string): string {
  const later = Date.parse(text.replace(stamp, '$1-$2-$3T$4:$5:$6Z')) + 1000;
  return new Date(later).toISOString().replace(/[-:]|\.\d+/g, '');
}

test('the damaged backup of these tests is later at the end of a minute, too', () => {
  expect(laterStamp('20261231T235959Z')).toBe('20270101T000000Z');
});

/** A backup of a second later, of which bytes are missing. */
async function addDamaged({ taken }: Incident): Promise<void> {
  const { dump, manifest, checksum } = taken.set;
  const directory = dirname(dump);
  const name = (path: string) => path.slice(directory.length + 1);
  const next = (path: string) => join(directory, name(path).replace(stamp, laterStamp));
  await copyFile(manifest, next(manifest));
  await copyFile(checksum, next(checksum));
  await writeFile(next(dump), (await readFile(dump)).subarray(0, -1));
}

function write({ live }: Incident, sql: string) {
  return withClient(live, (client) => client.query(sql));
}
