import { expect, test } from 'vitest';
import { describeEngine } from '../fixtures/testing/engines.ts';
import { makeIncident, rowsLeft } from '../fixtures/testing/incidents.ts';
import { useServer } from '../fixtures/testing/servers.ts';
import { connect, withClient } from '../fixtures/testing/sessions.ts';
import { disconnect } from '../src/postgres/connection.ts';

describeEngine('local', 'npm run restore, of what earlier runs have left', (engine) => {
  const server = useServer(engine);

  test('lists it, asks before it drops it, and drops nothing without our mark or in use', async () => {
    const { live, admin, start, restore, others, countNotes } = await makeIncident(server());
    expect((await restore()).exitCode).toBe(0);
    const [restored = ''] = await others();
    const byHand = restored.replace('_restore_', '_restore_by_hand_');
    await withClient(admin, (client) => client.query(`create database "${byHand}"`));

    const listed = await start('--list');
    expect(listed.all).toMatch(new RegExp(`${restored}\n +the backup of \\S+, restored and verified\n`));
    expect(listed.all).not.toContain(byHand);
    expect(listed.all).toMatch(/drop what nobody needs any more +npm run restore -- .*--url \S+ .*--clean/);
    expect(listed.exitCode).toBe(0);

    const unasked = await start('--clean');
    expect(unasked.all).toContain('so nothing was dropped. Say so with --yes.');
    expect(unasked.exitCode).toBe(2);

    const reader = await connect({ ...live, database: restored });
    const used = await start('--clean', '--yes');
    expect(used.all).toContain(`${restored} was not dropped: `);
    expect(used.exitCode).toBe(2);
    await disconnect(reader);

    const cleaned = await start('--clean', '--yes');
    expect(cleaned.all).toContain(`dropped ${restored}`);
    expect(cleaned.exitCode).toBe(0);
    expect(await others()).toEqual([byHand]);
    expect(await countNotes()).toBe(rowsLeft);
  });
});
