import { execa } from 'execa';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, inject, test } from 'vitest';
import { makeWorkspace } from '../fixtures/testing/workspace.ts';
import { evidenceSchema } from '../src/evidence/schema.ts';

const start = fileURLToPath(new URL('start.mjs', import.meta.url));

/** As psql reads it, and as a person has it who is in a hurry: of nobody, with a name that says little. */
const dump = `--
-- PostgreSQL database dump
--

-- Dumped from database version 15.1
-- Dumped by pg_dump version 15.1

SET client_encoding = 'UTF8';

--
-- Name: shop; Type: DATABASE; Schema: -; Owner: it's mine
--

CREATE DATABASE shop WITH TEMPLATE = template0 ENCODING = 'UTF8';

--
-- Name: orders; Type: TABLE; Schema: public; Owner: it's mine
--

CREATE TABLE public.orders (
    id integer
);


ALTER TABLE public.orders OWNER TO "it's mine";

--
-- Data for Name: orders; Type: TABLE DATA; Schema: public; Owner: it's mine
--

COPY public.orders (id) FROM stdin;
1
2
\\.


--
-- Name: TABLE orders; Type: ACL; Schema: public; Owner: it's mine
--

GRANT SELECT ON TABLE public.orders TO clerk;


--
-- PostgreSQL database dump complete
--

`;

/** A directory without a profile, where a person stands. */
async function standInEmptyDirectory(statement = '') {
  const content = dump.replace(/^CREATE DATABASE .*$/m, statement);
  const workspace = await makeWorkspace({ 'dumps/night $(1).sql': content });
  const here = join(workspace, 'here');
  await mkdir(here);
  const env = { FORCE_COLOR: '0', GITHUB_ACTIONS: 'false', TMPDIR: workspace };
  const rehearse = (...args: string[]) =>
    execa('node', [start, 'rehearse', ...args], { cwd: here, env, reject: false, all: true, stdin: 'ignore' });
  return { here, rehearse };
}

describe.skipIf(inject('skipped').local !== null)('in a directory without a profile', () => {
  test('a dump is rehearsed, and the evidence says what was assumed', async () => {
    const { here, rehearse } = await standInEmptyDirectory();
    const { all, exitCode } = await rehearse('--engine', 'local', '--backup', '../dumps/night $(1).sql');
    expect(all).toMatch(/orders +2 +2[\s\S]*PROFILE_ASSUMED[\s\S]*verdict +verified/);
    expect(exitCode).toBe(0);
    const [run = ''] = (await readdir(join(here, 'reports'))).filter((name) => name.endsWith('-latest-backup'));
    const text = await readFile(join(here, 'reports', run, 'evidence.json'), 'utf8');
    const { about, findings, objectives, coverage } = evidenceSchema.parse(JSON.parse(text));
    expect(about).toMatchObject({ profile: 'shop', database: 'shop', data: 'backup' });
    expect(findings.find(({ rule }) => rule === 'PROFILE_ASSUMED')).toMatchObject({
      severity: 'warning',
      message: expect.stringMatching(/shop \(as the dump names it\).*it's mine.*1 more role .*clerk/) as string,
    });
    expect(objectives.rpo).toMatchObject({ met: null, notApplicable: expect.stringContaining('no profile') as string });
    expect(coverage.notChecked.map(({ what }) => what)).toContain('whether the application works on what was restored');
  });

  test('a dump with an extension that is not there is not restored: what brings it is said, and goes into a profile', async () => {
    const { here, rehearse } = await standInEmptyDirectory('CREATE EXTENSION IF NOT EXISTS citus WITH SCHEMA public;');
    const { all, exitCode } = await rehearse('--engine', 'local', '--backup', '../dumps/night $(1).sql');
    expect(exitCode).toBe(2);
    expect(all).toMatch(/The dump of shop needs 1 extension .*: citus\. Nothing was restored/);
    expect(all).toMatch(
      /apt-get install postgresql-\d+-citus[^]*docker pull citusdata\/citus:postgres_\d+ && .*--backup/,
    );
    expect(all).toMatch(
      /rehearsal\.config\.mjs:[^]*name: 'shop'[^]*postgres: \{ image: 'citusdata[^]*could-not-run \(EXTENSION_MISSING\)/,
    );
    expect(await readdir(here)).toEqual(['reports']);
  });
});

test('without a profile and without a backup, it says how to name either', async () => {
  const { here, rehearse } = await standInEmptyDirectory();
  const { all, exitCode } = await rehearse();
  expect(all).toMatch(/There is no profile here or above .*--config FILE.*--backup FILE.*--source URL/);
  expect(exitCode).toBe(2);
  expect(await readdir(here)).toEqual([]);
});

test('without a profile, what starts from a seed says that it takes one', async () => {
  const { rehearse } = await standInEmptyDirectory();
  const { all, exitCode } = await rehearse('clean-state', '--backup', '../dumps/night $(1).sql');
  expect(all).toMatch(/clean-state takes a profile, and there is none.*only latest-backup/);
  expect(exitCode).toBe(2);
});
