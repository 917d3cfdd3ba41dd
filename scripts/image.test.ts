import { execa } from 'execa';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { cp, mkdir, readdir, readFile, realpath, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, inject, onTestFinished, test } from 'vitest';
import { parse } from 'yaml';
import { describeEngine } from '../fixtures/testing/engines.ts';
import { isLongRun } from '../fixtures/testing/sample.ts';
import { makeWorkspace } from '../fixtures/testing/workspace.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const tag = randomBytes(4).toString('hex');
const [base, image] = [`restore-rehearsal/test-base:${tag}`, `restore-rehearsal/test-harness:${tag}`];
/** Of the image. */
const account = 10_001;
/** Of an account without a name. */
const nobodys = 54_321;
const left =
  process.getuid?.() !== 0
    ? 'root alone can give directories to the account of the image'
    : isLongRun
      ? null
      : 'it takes minutes to build: npm run test:long does';

const docker = (...args: string[]) => execa('docker', args, { reject: false, all: true });

/** Debian with Node.js and npm, made of the image of the tests: there is no registry to take one from. */
async function buildBase(): Promise<void> {
  const context = join('/var/tmp', `restore-rehearsal-base-${tag}`);
  const npm = dirname(dirname(await realpath((await execa('which', ['npm'])).stdout)));
  await mkdir(context);
  try {
    await cp(npm, join(context, 'npm'), { recursive: true });
    const { stdout: cafile } = await execa('npm', ['config', 'get', 'cafile']);
    const authorities = process.env['NODE_EXTRA_CA_CERTS'] ?? cafile;
    if (existsSync(authorities)) await cp(authorities, join(context, 'ca.crt'));
    else await writeFile(join(context, 'ca.crt'), '');
    await writeFile(
      join(context, 'Dockerfile'),
      `FROM ${inject('image')}
       RUN apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends nodejs ca-certificates >/dev/null
       COPY npm /usr/local/lib/node_modules/npm
       COPY ca.crt /etc/ca-of-this-machine.crt
       RUN ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm
       ENV NODE_EXTRA_CA_CERTS=/etc/ca-of-this-machine.crt
       ENTRYPOINT []\n`,
    );
    await build(base, context);
  } finally {
    await execa('rm', ['-rf', context]);
  }
}

/** Debian's packages or npm's: what a container of this machine does not reach says nothing against the image. */
class OutOfReach extends Error {}
const outOfReach =
  /Exit handler never called|SELF_SIGNED_CERT|UNABLE_TO_\w+CERT|EAI_AGAIN|ENOTFOUND|ECONNRE\w+|ETIMEDOUT|Temporary failure resolving|Could not connect to/;

async function build(name: string, context: string, ...args: string[]): Promise<void> {
  const { exitCode, all } = await docker('build', '--tag', name, ...args, context);
  if (exitCode === 0) return;
  const message = `${name} could not be built: ${all.slice(-3000)}`;
  throw outOfReach.test(all) ? new OutOfReach(message) : new Error(message);
}

interface Service {
  command: string;
  environment: Record<string, string>;
  volumes: string[];
  tmpfs: string[];
  read_only: boolean;
  cap_drop: string[];
  security_opt: string[];
}

/** The service of docs/nightly/compose.yml as arguments of `docker run`. */
async function serviceArguments(directory: string): Promise<{ run: string[]; command: string[] }> {
  const file = parse(await readFile(join(root, 'docs/nightly/compose.yml'), 'utf8')) as {
    services: Record<'restore-rehearsal', Service>;
  };
  const service = file.services['restore-rehearsal'];
  const each = (flag: string, values: string[]) => values.flatMap((value) => [flag, value]);
  const environment = Object.entries(service.environment).map(([name, value]) => `${name}=${value}`);
  const run = [
    ...(service.read_only ? ['--read-only'] : []),
    ...each('--tmpfs', service.tmpfs),
    ...each('--cap-drop', service.cap_drop),
    ...each('--security-opt', service.security_opt),
    ...each(
      '--volume',
      service.volumes.map((volume) => volume.replace(/^\./, directory)),
    ),
    ...each(
      '--env',
      environment.map((each) => each.replace('${POSTGRES_PASSWORD}', 'canary')),
    ),
  ];
  return { run, command: service.command.split(' ') };
}

/** The profile of docs/compose.md, and the two directories for an account in the container. */
async function makeStack(): Promise<string> {
  const [, profile = ''] = /```js\n([^]*?)```/.exec(await readFile(join(root, 'docs/compose.md'), 'utf8')) ?? [];
  const directory = await makeWorkspace({ 'rehearsal.config.mjs': profile.replaceAll(/^ {3}/gm, '') });
  for (const name of ['backups', 'backups/local', 'reports']) await mkdir(join(directory, name));
  await giveTo(account, directory);
  return directory;
}

async function giveTo(uid: number, directory: string): Promise<void> {
  await execa('chown', ['-R', `${uid}:${uid}`, join(directory, 'backups'), join(directory, 'reports')]);
}

/** A server as the first user's stack has it, and the network that it is reached in. */
async function startStackServer(): Promise<string> {
  const name = `rehearsal-stack-${tag}`;
  onTestFinished(async () => {
    await docker('rm', '--force', '--volumes', name);
    await docker('network', 'rm', name);
  });
  await docker('network', 'create', name);
  const login = ['POSTGRES_USER=haircuttgbot', 'POSTGRES_DB=haircuttgbot', 'POSTGRES_PASSWORD=canary'];
  const args = ['--detach', '--name', name, '--network', name, '--network-alias', 'postgres'];
  await docker('run', ...args, ...login.flatMap((each) => ['--env', each]), inject('image'));
  const psql = (sql: string) =>
    docker(
      'exec',
      name,
      'psql',
      '--host=127.0.0.1',
      '--username=haircuttgbot',
      '--command',
      sql,
      'postgres://haircuttgbot:canary@127.0.0.1/haircuttgbot',
    );
  await expect.poll(async () => (await psql('select 1')).exitCode, { timeout: 60_000 }).toBe(0);
  const tables = ['users', 'masters', 'bookings', 'availability_blocks'];
  for (const table of tables) await psql(`create table ${table} as select i as id from generate_series(1, 100) as i`);
  return name;
}

describeEngine('docker', `the image${left === null ? '' : ` skipped: ${left}`}`, () => {
  let unreached: string | null = null;
  beforeAll(async () => {
    if (left !== null) return;
    try {
      await buildBase();
      await build(image, root, '--build-arg', `BASE=${base}`, '--build-arg', 'PGDG=no');
    } catch (error) {
      if (!(error instanceof OutOfReach) || process.env['REHEARSAL_REQUIRE_IMAGE'] === '1') throw error;
      unreached = error.message;
    }
  }, 900_000);
  afterAll(() => docker('rmi', '--force', image, base));

  test.skipIf(left !== null)(
    'does the night of a Compose stack: no root, no Docker, nothing written but backups and reports',
    { timeout: 300_000 },
    async ({ skip }) => {
      if (unreached !== null) skip(unreached);
      const network = await startStackServer();
      const directory = await makeStack();
      const { run, command } = await serviceArguments(directory);
      const start = (...rest: string[]) => docker('run', '--rm', '--network', network, ...run, image, ...rest);

      const health = await docker('image', 'inspect', '--format', '{{json .Config.Healthcheck.Test}}', image);
      const [kind, program, ...check] = JSON.parse(health.stdout) as string[];
      expect([kind, program]).toEqual(['CMD', 'restore-rehearsal']);
      const doctor = await start(...check);
      expect(doctor.exitCode, doctor.all).toBe(0);
      // Debian's own packages have no others; PostgreSQL's have all that are supported.
      expect(doctor.all).toMatch(/\b17\.\d+/);
      expect(doctor.all).toMatch(/\b15\.\d+/);

      const night = await start(...command);
      expect(night.all).toBe('');
      expect(night.exitCode).toBe(0);
      const names = await readdir(join(directory, 'reports'));
      const evidence = names.filter((name) => existsSync(join(directory, 'reports', name, 'evidence.json')));
      expect(evidence.map((name) => name.slice(17)).toSorted()).toEqual(['latest-backup', 'nightly']);
      const latest: unknown = JSON.parse(await readFile(join(directory, 'reports/latest.json'), 'utf8'));
      expect(latest).toMatchObject({ verdict: 'verified' });
      const [dump = ''] = (await readdir(join(directory, 'backups/local'))).filter((name) => name.endsWith('.dump'));
      expect((await stat(join(directory, 'backups/local', dump))).uid).toBe(account);

      await giveTo(nobodys, directory);
      const asNobody = ['--user', `${nobodys}:${nobodys}`, ...run];
      const other = await docker('run', '--rm', ...asNobody, image, 'rehearse', 'latest-backup', '--engine', 'local');
      expect(other.exitCode, other.all).toBe(0);
    },
  );
});
