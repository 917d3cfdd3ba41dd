import { mkdir, readFile, symlink, utimes, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { makeBackup, nightBefore } from '../../../fixtures/testing/backups.ts';
import { describeWithRclone } from '../../../fixtures/testing/offsite-places.ts';
import { objectStoreKey, useObjectStore } from '../../../fixtures/testing/object-store.ts';
import { makeWorkspace } from '../../../fixtures/testing/workspace.ts';
import { copyOffsite } from '../offsite.ts';
import { openRclone } from '../rclone.ts';
import { readEnvironment } from '../../system/environment.ts';
import { findNamed } from './find-named.ts';
import { fetchByCommand } from './from-command.ts';

const limits = { timeoutMs: 60_000, signal: undefined };

async function fetching(database = 'shop') {
  return { database, now: new Date(), directory: await makeWorkspace(), report: () => undefined };
}

async function find(text: string, config: string, environment = readEnvironment()) {
  const options = await fetching();
  return findNamed(text, {
    ...options,
    from: '/',
    environment,
    rcloneConfig: config,
    marker: options.directory,
    limits,
  });
}

describeWithRclone('a backup at a remote of rclone', () => {
  async function makeRemote() {
    const place = await makeWorkspace({ 'daily/shop-20260201-030000.sql.gz': 'older', 'crm-20260203.sql': 'other' });
    await writeFile(join(place, 'daily/shop-20260202-030000.sql.gz'), 'newer');
    await writeFile(join(place, 'daily/shop-20260202-030000.sql.gz.sha256'), 'not a sum');
    const config = join(await makeWorkspace(), 'rclone.conf');
    await writeFile(config, `[t]\ntype = alias\nremote = ${place}\n`);
    return { place, config };
  }

  test('is the newest of a directory, and comes with its checksum', async () => {
    const { config } = await makeRemote();
    const found = await find('t:', config);
    expect(await readFile(found.set?.dump ?? '', 'utf8')).toBe('newer');
    expect(found).toMatchObject({ candidates: 3, from: 't:', tool: 'prodrigestivill/postgres-backup-local' });
    expect(found.passedOver).toMatchObject([{ stem: 'crm-20260203.sql' }, { stem: '1 more', reason: 'older' }]);
    expect(await readFile(found.set?.checksum ?? '', 'utf8')).toBe('not a sum');
  });

  test('is the file that is named, whatever it is called', async () => {
    const { config } = await makeRemote();
    const found = await find('t:crm-20260203.sql', config);
    expect(await readFile(found.set?.dump ?? '', 'utf8')).toBe('other');
  });

  test('of ours comes with all that belongs to it, a directory dump too', async () => {
    const { place, config } = await makeRemote();
    await makeBackup(join(place, 'ours'), nightBefore(0), { dump: { 'toc.dat': 'contents', '1.dat': 'rows' } });
    const { set } = await find('t:ours', config);
    expect(JSON.parse(await readFile(set?.manifest ?? '', 'utf8'))).toMatchObject({ database: 'shop' });
    expect(await readFile(join(set?.dump ?? '', '1.dat'), 'utf8')).toBe('rows');
  });

  test('at gs:// without credentials says what to give', async () => {
    const { config } = await makeRemote();
    const environment = readEnvironment({ PATH: readEnvironment().path, HOME: await makeWorkspace() });
    await expect(find('gs://bucket/shop.dump', config, environment)).rejects.toMatchObject({
      code: 'OFFSITE_NOT_CONFIGURED',
      message: expect.stringMatching(/GOOGLE_APPLICATION_CREDENTIALS.*rclone config/) as string,
    });
  });

  test('that is not there, or a remote that is not, is named', async () => {
    const { config } = await makeRemote();
    await expect(find('t:no/such', config)).rejects.toMatchObject({ code: 'BACKUP_NOT_FOUND' });
    await expect(find('none:a', config)).rejects.toMatchObject({ code: 'OFFSITE_NOT_CONFIGURED' });
    await expect(find(':s3,secret_access_key=x:a', config)).rejects.toMatchObject({ code: 'BAD_USAGE' });
  });
});

describeWithRclone('a backup in a bucket', () => {
  const makeStore = useObjectStore();

  test('is the newest below s3://BUCKET/PREFIX, with credentials from the environment', async () => {
    const store = await makeStore();
    const directory = await makeWorkspace();
    const set = await makeBackup(directory, nightBefore(0));
    const rclone = { environment: readEnvironment(), limits, config: store.config };
    await copyOffsite({
      directory,
      database: 'shop',
      rclone: openRclone({ destination: store.at('there'), ...rclone }),
    });
    const environment = readEnvironment({
      ...{
        PATH: readEnvironment().path,
        HOME: directory,
        RCLONE_S3_ENDPOINT: store.endpoint,
        RCLONE_S3_PROVIDER: 'Other',
      },
      ...{ AWS_ACCESS_KEY_ID: objectStoreKey, AWS_SECRET_ACCESS_KEY: objectStoreKey, RCLONE_S3_REGION: 'us-east-1' },
    });
    const found = await find(`s3://${store.at('there').replace('there:', '')}`, store.config, environment);
    expect(basename(found.set?.dump ?? '')).toBe(basename(set.dump));
    expect(await readFile(found.set?.manifest ?? '', 'utf8')).toBe(await readFile(set.manifest, 'utf8'));
  });
});

describe('a program that fetches the backup', () => {
  const run = async (script: string) => {
    const command = ['sh', '-c', `set -e; cd "$0"; ${script}`];
    const variables = { PATH: readEnvironment().path, BACKUP_TOKEN: 'geheim' };
    return fetchByCommand({ command, withinMs: 10_000, cwd: '/', variables, signal: undefined }, await fetching());
  };

  test('writes it into a directory, and the newest of what is there is taken', async () => {
    const found = await run('echo old > shop-20260201.sql; echo new > shop-20260203.sql; echo noise');
    expect(await readFile(found.set?.dump ?? '', 'utf8')).toBe('new\n');
    expect(found.from).toBe('what sh fetched');
  });

  test.for([
    ['printf "no\\033[2Jluck $BACKUP_TOKEN"; exit 3', /status 3: no.\[2Jluck …/],
    ['true', /wrote nothing/],
    ['ln -s /etc/passwd shop.sql', /leads out/],
  ] as const)('%s is an error that says so', async ([script, says]) => {
    const failure = (await run(script).catch((error: unknown) => error)) as Error;
    expect(failure).toMatchObject({ code: 'BACKUP_NOT_FETCHED' });
    expect(failure.message).toMatch(says);
    expect(failure.message).not.toMatch(/geheim|\u001b/);
  });
});

test('of the files that a glob fits the newest is taken, through links', async () => {
  const directory = await makeWorkspace({ 'a/latest.dump': 'PGDMP', 'b/old.dump': 'PGDMP' });
  await mkdir(join(directory, 'c'));
  await symlink(join(directory, 'a/latest.dump'), join(directory, 'c/link.dump'));
  await utimes(join(directory, 'b/old.dump'), 1, 1);
  const found = await find(join(directory, '*/*.dump'), '');
  expect(found.set?.dump).toBe(join(directory, 'a/latest.dump'));
});
