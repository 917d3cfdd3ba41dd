/**
 * Builds a Docker image with PostgreSQL from Debian's packages alone, for machines that reach no container registry.
 * Needs root, Docker and debootstrap; the image takes the place of `postgres:NN` in a profile or after `--image`.
 */
import { createHash } from 'node:crypto';
import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { $, chalk, which } from 'zx';

const help = `Usage: npm run offline-image -- [--suite SUITE] [--tag TAG] [--mirror URL]

Builds a PostgreSQL image from Debian's packages, without a container registry.

  --suite SUITE  Debian release: trixie (PostgreSQL 17, the default) or bookworm (PostgreSQL 15)
  --tag TAG      name of the image; default restore-rehearsal/postgres:SUITE
  --mirror URL   Debian mirror; default: debootstrap's own
  --help         this text

An image that is already there and was built by the same files is not built again.`;

const inputs = ['build.ts', 'entrypoint.sh'].map((name) => new URL(name, import.meta.url));
const label = 'restore-rehearsal.offline-image';

try {
  await main();
} catch (error) {
  console.error(chalk.red(error instanceof Error ? error.message : String(error)));
  process.exitCode = 2;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      suite: { type: 'string', default: 'trixie' },
      tag: { type: 'string' },
      mirror: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(help);
    return;
  }
  const tag = values.tag ?? `restore-rehearsal/postgres:${values.suite}`;
  const recipe = await fingerprint(values.suite);
  if ((await builtFrom(tag)) === recipe) {
    console.log(`${tag} is up to date.`);
    return;
  }
  await assertPrerequisites();
  await build(values.suite, tag, values.mirror, recipe);
  console.log(`Built ${tag}. Use it with: npm run rehearse -- --engine docker --image ${tag}`);
}

async function fingerprint(suite: string): Promise<string> {
  const hash = createHash('sha256').update(suite);
  for (const file of inputs) hash.update(await readFile(file));
  return hash.digest('hex');
}

async function builtFrom(tag: string): Promise<string> {
  const format = `{{index .Config.Labels "${label}"}}`;
  const { stdout } = await $({ nothrow: true, quiet: true })`docker image inspect --format ${format} ${tag}`;
  return stdout.trim();
}

async function assertPrerequisites(): Promise<void> {
  if (process.getuid?.() !== 0) throw new Error('debootstrap needs root. Run this again with sudo.');
  for (const tool of ['debootstrap', 'docker', 'tar']) {
    if ((await which(tool, { nothrow: true })) === null) {
      throw new Error(`${tool} is not installed. On Debian and Ubuntu: apt-get install debootstrap docker.io`);
    }
  }
}

async function build(suite: string, tag: string, mirror: string | undefined, recipe: string): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'restore-rehearsal-image-'));
  const root = join(directory, 'root');
  const changes = [
    'ENTRYPOINT ["/usr/local/bin/docker-entrypoint.sh"]',
    'CMD ["postgres"]',
    'ENV LANG=C.UTF-8',
    'EXPOSE 5432',
    `LABEL ${label}=${recipe}`,
  ].flatMap((change) => ['--change', change]);
  try {
    console.log(`Fetching Debian ${suite} with PostgreSQL into ${root} (about a minute) ...`);
    await $`debootstrap --variant=minbase --include=postgresql ${suite} ${root} ${mirror ?? []} > ${directory}/debootstrap.log`;
    await slim(root);
    const bindir = (await $`ls -d ${root}/usr/lib/postgresql/`).stdout.trim();
    const versions = (await $`ls ${bindir}`).stdout.trim();
    const path = `PATH=/usr/lib/postgresql/${versions}/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`;
    await $`install -D -m 0755 ${inputs[1]?.pathname ?? ''} ${root}/usr/local/bin/docker-entrypoint.sh`;
    console.log(`Importing it into Docker as ${tag} ...`);
    await $`tar --directory ${root} --create . | docker import ${changes} --change ${`ENV ${path}`} - ${tag}`;
  } finally {
    await $({ nothrow: true })`rm -rf --one-file-system ${directory}`;
  }
}

/** Takes out what no server needs: the cluster that the package made, package caches, documentation. */
async function slim(root: string): Promise<void> {
  const unused = ['var/lib/postgresql', 'var/cache/apt', 'var/lib/apt/lists', 'usr/share/doc', 'usr/share/man'];
  await $`rm -rf ${unused.map((path) => join(root, path))}`;
  await $`mkdir -p ${root}/var/lib/postgresql ${root}/var/lib/apt/lists ${root}/var/cache/apt`;
}
