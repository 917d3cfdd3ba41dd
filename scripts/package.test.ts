import { execa } from 'execa';
import { chmodSync, copyFileSync, createWriteStream, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { publint } from 'publint';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { installNode, loadedBy, nodeVersions, pack, writeExamples, type Packed } from '../fixtures/testing/packages.ts';
import { createTestDatabase, useServer } from '../fixtures/testing/servers.ts';
import { withClient } from '../fixtures/testing/sessions.ts';
import { briefs } from '../src/commands/briefs.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const own = mkdtempSync(join(tmpdir(), 'rehearsal-package-'));
const shop = join(own, 'project', 'packages', 'shop');
const installed = join(own, 'project', 'node_modules', 'restore-rehearsal');
const program = join(installed, 'dist', 'restore-rehearsal.js');
let packed: Packed;

/** One that is below a workspace, whose packages npm puts above it. */
beforeAll(async () => {
  chmodSync(own, 0o755);
  mkdirSync(shop, { recursive: true });
  packed = await pack();
  await writeFile(join(own, 'project', 'package.json'), '{ "private": true, "workspaces": ["packages/*"] }');
  await writeFile(join(shop, 'package.json'), '{ "name": "shop", "version": "1.0.0" }');
  await execa('npm', ['install', '--prefer-offline', '--workspace', 'shop', packed.file], {
    cwd: join(own, 'project'),
  });
}, 500_000);

afterAll(() => {
  rmSync(own, { recursive: true, force: true });
});

const run = (file: string, args: string[], options: { cwd?: string; env?: Record<string, string> } = {}) =>
  execa(file, args, {
    cwd: shop,
    reject: false,
    all: true,
    stdin: 'ignore',
    ...options,
    env: { FORCE_COLOR: '0', GITHUB_ACTIONS: 'false', REHEARSAL_ENGINE: 'local', ...options.env },
  });

test('it is small, and holds no tests', () => {
  expect(packed.unpackedSize).toBeLessThan(2_250_000);
  expect(packed.files.filter((file) => /\.test\.|^fixtures|(?<!\.d)\.tsx?$/.test(file))).toEqual([]);
  expect(packed.files).toEqual(expect.arrayContaining(['dist/index.js.map', 'dist/index.d.ts', 'LICENSE']));
});

test('publint and Are the Types Wrong find nothing', async () => {
  expect((await publint({ pkgDir: installed })).messages).toEqual([]);
  const wrong = await execa('npx', ['attw', packed.file, '--profile', 'esm-only'], {
    cwd: root,
    reject: false,
    all: true,
  });
  expect(wrong.exitCode, wrong.all).toBe(0);
  expect(wrong.all).toContain('restore-rehearsal/vitest');
});

describe('restore-rehearsal', () => {
  test('--help names every command, and how it is typed', async () => {
    const { stdout, exitCode } = await run('npx', ['restore-rehearsal', '--help']);
    for (const [name, brief] of Object.entries(briefs))
      expect(stdout).toMatch(new RegExp(`^  ${name} +${brief}$`, 'm'));
    expect(stdout).toContain('Usage: npx restore-rehearsal COMMAND [flags]');
    expect(exitCode).toBe(0);
  });

  test.for([
    // What is nearly right, what is quoted, how wide a character is.
    [['--help'], 40, /^(zod|execa|commander|pg|vitest)$/],
    [['--version'], 40, /^(zod|execa|commander|pg|vitest)$/],
    [['evidence', 'verify', '--help'], 350, /^(pg|vitest|testcontainers|echarts)$/],
  ] as const)('%s loads nothing that it does not need', async ([args, most, needless]) => {
    const loaded = await loadedBy(program, args);
    expect(loaded).toContain('fastest-levenshtein');
    expect(loaded.filter((name) => needless.test(name))).toEqual([]);
    expect(loaded.length).toBeLessThan(most);
  });

  test('npm exec keeps flags for itself: what they would have said is not left out', async () => {
    const { all, exitCode } = await run('npm', ['exec', 'restore-rehearsal', 'prune', '--dry-run']);
    expect(all).toContain(
      'npm kept --dry-run for itself, so nothing was done. npx hands them on: npx restore-rehearsal prune --dry-run',
    );
    expect(exitCode).toBe(2);
  });

  test('a profile that imports it where it is not installed is told what to do', async () => {
    const profile = join(own, 'rehearsal.config.mjs');
    await writeFile(profile, "import * as ours from 'restore-rehearsal';\nexport default ours.defineConfig({});\n");
    const { all, exitCode } = await run(process.execPath, [program, 'rehearse', '--config', profile], { cwd: own });
    expect(all).toContain('Run npm install --save-dev restore-rehearsal there, or leave the import out');
    expect(exitCode).toBe(2);
  });

  test.for([
    [['--version'], 0, /^\d+\.\d+\.\d+$/],
    [['rehears'], 2, /^There is no command "rehears"; did you mean rehearse\? .*Try: npx restore-rehearsal --help$/],
    [
      ['rehearse', '--lst'],
      2,
      /^Unknown flag --lst; did you mean --list\? Try: npx restore-rehearsal rehearse --help$/,
    ],
    [['evidence', 'verfy'], 2, /^npx restore-rehearsal evidence takes no "verfy"; did you mean verify\?/],
  ] as const)('%s', async ([args, status, said]) => {
    const { all, exitCode } = await run(process.execPath, [program, ...args]);
    expect(all).toMatch(said);
    expect(exitCode).toBe(status);
  });
});

describe.skipIf(inject('skipped').local !== null)('what docs/own-rehearsals.md shows', () => {
  const live = useServer('local');

  beforeAll(async () => {
    const seed =
      'create table customers (id int primary key);\ncreate table bookings (id int primary key, customer int);\n' +
      'insert into customers values (1); insert into bookings values (1, 1), (2, 1);\n';
    const database = await createTestDatabase(live(), 'shop');
    await withClient(database, (client) => client.query(seed));
    const { user, password } = database;
    await live().runTool({
      ...{ tool: 'pg_dump', args: ['--format=custom'], user, password, database: 'shop', timeoutMs: 60_000 },
      consumeStdout: (source) => pipeline(source, createWriteStream(join(shop, 'shop.dump'))),
    });
    const profile = { name: 'shop', database: { name: 'shop', owner: 'shop owner' }, seed: ['seed.sql'] };
    await writeFile(join(shop, 'seed.sql'), seed);
    await writeFile(
      join(shop, 'rehearsal.config.ts'),
      `import { defineConfig } from 'restore-rehearsal';\nexport default defineConfig(${JSON.stringify(profile)});\n`,
    );
    await writeExamples(shop);
  });

  test('a rehearsal of one’s own is listed with what it does', async () => {
    const { stdout } = await run('npx', ['restore-rehearsal', 'rehearse', '--list']);
    expect(stdout).toMatch(
      /^bookings +\(yours\) The newest backup, and what has to hold in every copy of our bookings\.$/m,
    );
    expect(stdout).toMatch(/^clean-state +The runbook's/m);
  });

  test('it has the types that it uses', async () => {
    const compilerOptions = {
      strict: true,
      skipLibCheck: true,
      noEmit: true,
      target: 'es2022',
      module: 'nodenext',
      types: [],
    };
    const include = ['rehearsals/*.ts', '*.ts'];
    await writeFile(join(shop, 'tsconfig.json'), JSON.stringify({ compilerOptions, include }));
    const { all, exitCode } = await run(join(root, 'node_modules', '.bin', 'tsc'), ['--project', shop]);
    expect(exitCode, all).toBe(0);
  });

  test('it runs', { timeout: 300_000 }, async () => {
    const reports = join(own, 'reports');
    const flags = ['--backup', 'shop.dump', '--reports', reports];
    const { all, exitCode } = await run(process.execPath, [program, 'rehearse', 'bookings', ...flags]);
    expect(all).toMatch(/Count orphans .* 0 bookings without a customer[\s\S]*verdict +verified/);
    expect(exitCode).toBe(0);
    const latest = JSON.parse(await readFile(join(reports, 'latest.json'), 'utf8')) as { verdict: string };
    expect(latest.verdict).toBe('verified');
  });

  // adopt.test.ts has this one.
  const others = nodeVersions.filter((version) => version.split('.')[0] !== process.versions.node.split('.')[0]);
  test.for(others)('init and a drill, with Node.js %s', { timeout: 300_000 }, async (version) => {
    const node = await installNode(version, join(own, `node-${version}`));
    const project = join(own, 'project', 'packages', `with-${version}`);
    mkdirSync(join(project, 'dumps'), { recursive: true });
    copyFileSync(join(shop, 'shop.dump'), join(project, 'dumps', 'shop.dump'));
    const flags = ['--yes', '--database', 'shop'];
    const { all, exitCode } = await run(join(node, 'node'), [program, 'init', ...flags], { cwd: project });
    expect(all).toMatch(
      /rehearsals\/latest-backup.rehearsal.ts {2}written[\s\S]*1 asked, all true[\s\S]*verdict +verified/,
    );
    expect(exitCode).toBe(0);
  });

  test('fixtures and matcher serve a suite of one’s own', { timeout: 200_000 }, async () => {
    const config = "export default { test: { include: ['*.test.ts'], provide: {} } };\n";
    await writeFile(join(shop, 'vitest.config.mjs'), config);
    const damaged = (await readFile(join(shop, 'restored.test.ts'), 'utf8'))
      .replace(
        'await expect',
        "await withClient(server.asAdmin, (client) => client.query('delete from bookings'));\n  await expect",
      )
      .replace('backup is what', 'damaged backup is what');
    const option = "const test = base.extend<RehearsalFixtures>({ ...fixtures, backup: 'shop.dump' });";
    for (const [name, text] of [
      ['restored', await readFile(join(shop, 'restored.test.ts'), 'utf8')],
      ['damaged', damaged],
    ] as const) {
      await writeFile(join(shop, `${name}.test.ts`), text.replace(/^const test = .*$/m, option));
    }
    const { all } = await run('npx', ['vitest', 'run', '--reporter=verbose'], { env: { NO_COLOR: '1' } });
    expect(all).toMatch(/✓ restored.test.ts > the backup is what the seed says/);
    expect(all).toMatch(/× damaged.test.ts > the damaged backup is what the seed says/);
    expect(all).toContain('ROW_COUNT_MISMATCH');
  });

  test('installed for all, it serves an account that may not write there', { timeout: 400_000 }, async () => {
    const prefix = join(own, 'global');
    await execa('npm', ['install', '--global', '--prefer-offline', '--prefix', prefix, packed.file]);
    const home = join(own, 'home');
    mkdirSync(home);
    chmodSync(home, 0o777);
    const asNobody = process.getuid?.() === 0 ? ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'] : [];
    const [file, ...args] = [
      ...asNobody,
      'restore-rehearsal',
      'rehearse',
      'clean-state',
      '--config',
      join(shop, 'rehearsal.config.ts'),
    ];
    const env = { PATH: `${prefix}/bin:${process.env['PATH'] ?? ''}`, HOME: home, TMPDIR: home };
    const { all, exitCode } = await run(file, [...args, '--reports', join(home, 'reports')], { cwd: home, env });
    expect(all).toMatch(/clean-state[\s\S]*verdict +verified/);
    expect(exitCode).toBe(0);
  });
});
