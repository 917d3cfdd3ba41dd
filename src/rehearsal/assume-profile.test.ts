import { execa } from 'execa';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { createTestDatabase, useServer } from '../../fixtures/testing/servers.ts';
import { withClient } from '../../fixtures/testing/sessions.ts';
import { makeWorkspace } from '../../fixtures/testing/workspace.ts';
import { databaseUrl, type Connection } from '../postgres/connection.ts';
import { createRoles } from '../postgres/globals.ts';
import type { SourceServer } from '../source/source-server.ts';
import { openUrl } from '../source/url-source.ts';
import { readEnvironment } from '../system/environment.ts';
import { Drill } from './drill.ts';
import { openProfile } from './open-profile.ts';
import { Run } from './run.ts';
import { runStep } from './step.ts';
import { selectBackup } from './steps/select-backup.ts';

const roles = ['reporting', 'it\'s a "role"', '-rf $(id)', 'x'.repeat(63)];

const schema = `
  create extension hstore;
  create table orders (id int primary key, note hstore);
  grant select on orders to reporting;
  grant update (id) on orders to "${'x'.repeat(63)}";
  alter table orders enable row level security;
  create policy own on orders to "it's a ""role""" using (true);
  alter default privileges grant select on tables to "-rf $(id)"`;

describe.skipIf(inject('skipped').local !== null)('without a profile', () => {
  const server = useServer('local');
  let owner: Connection;
  let live: SourceServer;

  beforeAll(async () => {
    owner = { ...(await createTestDatabase(server(), 'the shop')), ...(await server().openPort()) };
    await createRoles(server().admin, roles);
    await withClient(owner, (client) => client.query(schema));
    live = await openUrl(databaseUrl(owner), readEnvironment(), '/');
  });
  afterAll(() => live[Symbol.asyncDispose]());

  async function dump(name: string, ...args: string[]): Promise<string> {
    const file = join(await makeWorkspace(), name);
    const call = { tool: 'pg_dump' as const, args: [...args, `--file=${file}`], timeoutMs: 60_000 };
    expect(await live.runTool({ ...call, ...live.connection })).toMatchObject({ exitCode: 0 });
    return file;
  }

  /** Chooses a backup, as the first step of a drill without a profile does. */
  async function choose(backup: string) {
    const run = await Run.create();
    const assumed = { database: 'provisional', directory: '/somewhere' };
    const drill = new Drill(run, await openProfile({ config: '', assumed }), { backup });
    const { meta } = await runStep(drill, selectBackup, {});
    await run.dispose();
    const { error, contribution } = meta;
    return { profile: drill.profile, error, contribution, says: contribution.findings?.[0]?.message };
  }

  test.for([
    ['custom', '-Fc'],
    ['directory', '-Fd'],
    ['tar', '-Ft'],
    ['plain SQL with --create', '-Fp', '--create'],
  ])('a dump in %s says all that a profile would', async ([, ...args]) => {
    const { profile, contribution, says } = await choose(await dump('night.dump', ...args));
    expect(profile).toMatchObject({
      name: 'the-shop',
      database: { name: 'the shop', owner: 'the shop owner' },
      ...{ ownership: 'preserve', extensions: ['hstore'], roles: roles.toSorted() },
    });
    expect(contribution).toMatchObject({ about: { profile: 'the-shop', database: 'the shop' } });
    expect(says).toMatch(
      /There is no profile.*the shop \(as the dump names it\).*the shop owner \(who owns the database/,
    );
    expect(says).toMatch(/4 more roles.*reporting.*1 extension.*hstore/);
  });

  test('plain SQL that names no database is of the one that its file is named for', async () => {
    const file = await dump('shop-2026-02-09.sql', '-Fp');
    await execa('gzip', [file]);
    const { profile, says } = await choose(`${file}.gz`);
    expect(profile).toMatchObject({ name: 'shop', database: { name: 'shop', owner: 'the shop owner' } });
    expect(says).toMatch(/shop \(from the name of the file.*the shop owner \(who owns most/);
  });

  test('without owners and privileges, all belongs to a role of the same name', async () => {
    const args = ['--no-owner', '--no-privileges', '--table=orders', '--no-acl'];
    const { profile } = await choose(await dump('shop.sql', '-Fp', ...args));
    // A policy has no owner.
    expect(profile).toMatchObject({ database: { owner: 'shop' }, roles: ['it\'s a "role"'] });
  });

  test('of what is no dump nothing is assumed', async () => {
    const file = join(await makeWorkspace(), 'shop.dump');
    await writeFile(file, 'no dump');
    const { profile, error, contribution } = await choose(file);
    expect(error).toBeNull();
    expect(profile).toMatchObject({ name: 'shop', roles: [], extensions: [] });
    expect(contribution.findings).toEqual([]);
  });

  test('a database that no profile may be of is an error that says so', async () => {
    const file = join(await makeWorkspace(), 'x.sql');
    await writeFile(file, plain('CREATE DATABASE template1 WITH TEMPLATE = template0;', 'template1', 'DATABASE'));
    expect((await choose(file)).error).toMatchObject({ code: 'PROFILE_INVALID' });
  });
});

function plain(statement: string, name: string, type: string): string {
  const head = '--\n-- PostgreSQL database dump\n--\n';
  const entry = `--\n-- Name: ${name}; Type: ${type}; Schema: -; Owner: someone\n--\n`;
  return `${head}\n${entry}\n${statement}\n\n--\n-- PostgreSQL database dump complete\n--\n\n`;
}
