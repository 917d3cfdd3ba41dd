import { execa } from 'execa';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { describeEngine } from '../fixtures/testing/engines.ts';
import { onPage, readPageCommands } from '../fixtures/testing/incident-page.ts';
import { makeIncident, rowsBackedUp, rowsLeft, type Incident } from '../fixtures/testing/incidents.ts';
import { useServer } from '../fixtures/testing/servers.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

describeEngine('local', 'the page for an incident', (engine) => {
  const server = useServer(engine);
  const another = useServer(engine);

  test('has commands that do what it says, in their order', async () => {
    const incident = await makeIncident(server());
    const type = (command: string) => runLine(incident, command);
    const commands = await readPageCommands();
    const [beside = '', switchOver = '', rollBack = '', diff = '', part = '', ...others] = commands;
    expect(others).toHaveLength(2);

    expect(await type(beside)).toMatch(/was restored: 1 table, 100 rows\n.*notes +3 +100.*let it take its place/s);
    expect(await incident.countNotes()).toBe(rowsLeft);
    expect(await type(switchOver)).toContain('is the restored database now');
    expect(await incident.countNotes()).toBe(rowsBackedUp);
    expect(await type(rollBack)).toContain('is again what it was before the switch');
    expect(await incident.countNotes()).toBe(rowsLeft);
    expect(await type(diff)).toContain('public.notes');
    expect(await type(part)).toMatch(/_part_\d{8}T\d{6}Z was restored/);
  });

  test('has one for another server, and one for a container, which restore-compose.test.ts types', async () => {
    const incident = await makeIncident(server());
    const [inCompose = '', anew = ''] = (await readPageCommands()).slice(5);
    expect(inCompose).toContain(onPage.service);
    const port = await another().openPort();
    const elsewhere = { ...incident, admin: { ...another().admin, ...port } };
    expect(await runLine(elsewhere, anew)).toMatch(/is there, under its own name.*what is next/s);
  });
});

/** Types a line of the page into a shell, with the names of this incident. It has to succeed. */
async function runLine({ taken, admin, workspace }: Incident, line: string): Promise<string> {
  const url = `postgres://${admin.user}@${admin.host}:${admin.port}/postgres`;
  const typed = line
    .replaceAll(onPage.dump, taken.set.dump)
    .replaceAll(onPage.url, url)
    .replaceAll(onPage.table, 'public.notes');
  expect(typed).toContain(url);
  const { all, exitCode } = await execa('bash', ['-c', typed], {
    cwd: root,
    all: true,
    reject: false,
    env: { PGPASSWORD: admin.password, TMPDIR: workspace, REHEARSAL_CONFIG: join(workspace, 'profile.mjs') },
  });
  expect(exitCode, `${line}\n${all}`).toBe(0);
  return all;
}
