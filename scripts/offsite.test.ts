import { execa } from 'execa';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, fstatSync, openSync, readSync, writeSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { basename, dirname, join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { makeBackup, nightBefore } from '../fixtures/testing/backups.ts';
import { findProcesses } from '../fixtures/testing/leftovers.ts';
import { lockBucket } from '../fixtures/testing/locked-bucket.ts';
import { useObjectStore, objectStoreKey } from '../fixtures/testing/object-store.ts';
import type { OffsitePlace } from '../fixtures/testing/offsite-place.ts';
import { describeOffsite, describeWithRclone } from '../fixtures/testing/offsite-places.ts';
import { makeProfile } from '../fixtures/testing/profiles.ts';
import { endProcess, isRunning } from '../fixtures/testing/processes.ts';
import { startCommand } from '../fixtures/testing/run-rehearse.ts';
import { useSecondHost } from '../fixtures/testing/second-host.ts';
import { makeWorkspace } from '../fixtures/testing/workspace.ts';
import type { BackupSet } from '../src/backup/backup-set.ts';
import { openRclone } from '../src/backup/rclone.ts';
import { readReceipt } from '../src/backup/receipt.ts';
import { readEnvironment } from '../src/system/environment.ts';

/** A profile whose backups are in a directory beside it, which is not there yet. */
async function makeSite(place: OffsitePlace, remote = 'there') {
  const backups = {
    directory: 'backups',
    keepDaily: 2,
    pruneAfter: '1d',
    offsite: place.at(remote),
    rcloneConfig: place.config,
  };
  const profile = await makeProfile({ database: { name: 'shop', owner: 'shop' }, backups });
  const directory = join(dirname(profile), 'backups');
  const start = (args: string[] = [], env: Record<string, string> = {}) =>
    startCommand('offsite', ['--config', profile, ...args], env);
  const prune = (args: string[] = [], env: Record<string, string> = {}) =>
    startCommand('prune', ['--config', profile, ...args], env);
  return { profile, directory, start, prune };
}

const large = () => randomBytes(8_000_000);
/** So slow that a large dump takes some seconds, though rclone lets the first 4 MiB pass at once. */
const slowly = { RCLONE_BWLIMIT: '2M' };
const pieces = { 'toc.dat': 'contents', '3001.dat.gz': 'rows', 'blobs.toc': '' };

describeOffsite('npm run offsite', (makePlace) => {
  test('copies whole backups, reads them back, and says so once', async () => {
    const place = await makePlace();
    const { directory, start } = await makeSite(place);
    const sets = [
      await makeBackup(directory, nightBefore(0), { globals: 'create role shop;' }),
      await makeBackup(directory, nightBefore(1), { dump: pieces }),
    ];
    const half = await makeBackup(directory, nightBefore(2));
    await rm(half.manifest);

    const first = await start();
    expect(first.all).toMatch(/2 copied, 0 copied before, 1 passed over, 0 failed/);
    expect(first.all).toMatch(/passed over: no manifest/);
    expect(first.exitCode).toBe(0);
    for (const set of sets) {
      const receipt = await readReceipt(set.receipt);
      expect(receipt?.destination).toBe(place.at('there'));
      for (const { name, bytes } of receipt?.files ?? []) {
        const copy = await readFile(place.pathOf(name));
        expect(copy.equals(await readFile(join(directory, name)))).toBe(true);
        expect(copy.length).toBe(bytes);
      }
    }
    expect((await readReceipt(sets[0]?.receipt ?? ''))?.files.map(({ name }) => name.replace(/^\w+?Z/, ''))).toEqual([
      '.globals.sql',
      '.sha256',
      '.manifest.json',
      '.dump',
    ]);
    expect((await readReceipt(sets[1]?.receipt ?? ''))?.files.at(-1)?.name).toMatch(/\.dump\/toc\.dat$/);
    expect(await readReceipt(half.receipt)).toBeNull();

    const before = await stat(place.pathOf((await readReceipt(sets[0]?.receipt ?? ''))?.files[3]?.name ?? ''));
    await rm(half.dump);
    await rm(half.checksum);
    const second = await start();
    expect(second.all).toMatch(/Nothing to do: all 2 are off-host/);
    expect(second.exitCode).toBe(0);
    const after = await stat(place.pathOf((await readReceipt(sets[0]?.receipt ?? ''))?.files[3]?.name ?? ''));
    expect([after.mtimeMs, after.ino]).toEqual([before.mtimeMs, before.ino]);
    expect(await readdir(directory)).not.toContainEqual(expect.stringMatching(/^\./));
  });

  test('lets npm run prune delete what it has proven to be there, and nothing else', async () => {
    const place = await makePlace();
    const { directory, start, prune } = await makeSite(place);
    for (let days = 0; days < 3; days += 1) await makeBackup(directory, nightBefore(days));
    const before = await readdir(directory);

    const tooEarly = await prune();
    expect(tooEarly.all).toMatch(/3 kept, 0 deleted/);
    expect(await readdir(directory)).toEqual(before);

    expect((await start()).exitCode).toBe(0);
    expect((await prune(['--dry-run'])).all).toMatch(/2 kept, 1 would be deleted, [\d.]+ kB to be freed/);
    const done = await prune();
    expect(done.all).toMatch(/prune {2}older than 1 day, and copied off-host/);
    expect(done.all).toMatch(/2 kept, 1 deleted, [\d.]+ kB freed/);
    expect(done.exitCode).toBe(0);
    expect((await readdir(directory)).filter((name) => name.endsWith('.dump'))).toHaveLength(2);
    expect((await prune()).all).toMatch(/2 kept, 0 deleted/);
  });

  test('lets npm run prune delete nothing whose copy has gone or changed since', async () => {
    const place = await makePlace();
    const { directory, start, prune } = await makeSite(place);
    const sets = [];
    for (let days = 0; days < 7; days += 1) sets.push(await makeBackup(directory, nightBefore(days)));
    const there = (file = '') => place.pathOf(basename(file));
    expect((await start()).exitCode).toBe(0);
    const [, , whole, gone, larger, part] = sets;
    await rm(there(gone?.dump));
    await rewrite(place, larger?.dump ?? '', randomBytes(2001));
    await rm(there(part?.manifest));
    const before = await readdir(directory);

    const { env, calls } = await countRclone();
    const looked = await prune(['--dry-run'], env);
    expect(looked.all).toMatch(/5 kept, 2 would be deleted/);
    const messages = [
      [gone, /copy off-host is gone: \S+\.dump is not there/],
      [larger, /copy off-host has changed: \S+\.dump has 2001 bytes there, not 2000/],
      [part, /copy off-host is gone: \S+\.manifest\.json is not there/],
    ] as const;
    for (const [set, message] of messages) expect(lineOf(looked.all, set)).toMatch(message);
    expect(looked.exitCode).toBe(2);
    expect(await readdir(directory)).toEqual(before);
    expect(await calls()).toEqual(['lsjson', 'check']);

    const done = await prune();
    expect(done.all).toMatch(/5 kept, 2 deleted/);
    for (const [set, message] of messages) expect(lineOf(done.all, set)).toMatch(message);
    expect(done.exitCode).toBe(2);
    const left = (await readdir(directory)).filter((name) => name.endsWith('.dump'));
    expect(left).toHaveLength(5);
    expect(left).not.toContain(basename(whole?.dump ?? ''));

    // What has lost its copy is copied again, and may go then.
    expect((await start()).all).toMatch(/3 copied, 2 copied before/);
    const last = await prune();
    expect([last.all, last.exitCode]).toEqual([expect.stringMatching(/2 kept, 3 deleted/), 0]);
  });

  test('lets npm run prune delete nothing while the other side cannot be reached', async () => {
    const place = await makePlace();
    const { directory, start, prune } = await makeSite(place);
    for (let days = 0; days < 4; days += 1) await makeBackup(directory, nightBefore(days));
    expect((await start()).exitCode).toBe(0);
    const before = await readdir(directory);
    const config = await readFile(place.config, 'utf8');
    await writeFile(place.config, config.replace('[there]', '[before]').replace('[closed]', '[there]'));
    for (const args of [['--dry-run'], []]) {
      const { all, exitCode } = await prune(args);
      expect(all).toMatch(/keep +older than 1 day, but its copy off-host could not be looked at/);
      expect(all).toMatch(/Nothing is deleted, for no copy could be looked at\..*connection refused/);
      expect(exitCode).toBe(2);
      for (const secret of place.secrets) expect(all).not.toContain(secret);
      expect(await readdir(directory)).toEqual(before);
    }
    await writeFile(place.config, config);
    expect(await prune()).toMatchObject({ exitCode: 0, all: expect.stringMatching(/2 kept, 2 deleted/) as string });
  });

  test('that is killed goes on where it was, and leaves nobody sending', async () => {
    const place = await makePlace();
    const { directory, start } = await makeSite(place);
    const set = await makeBackup(directory, nightBefore(0), { dump: large() });
    const nameOf = (file: string) => file.slice(directory.length + 1);

    const secret = `canary-${randomBytes(6).toString('hex')}`;
    const killed = start([], { ...slowly, RCLONE_FTP_PASS: secret });
    await expect.poll(() => findProcesses(set.dump), { timeout: 60_000 }).toHaveLength(1);
    const [sending = ''] = await findProcesses(set.dump);
    expect(sending).toMatch(/ rclone copyto /);
    expect(sending).not.toContain(secret);
    expect(await findProcesses(secret)).toContain(sending);
    // Held, it does not end by itself, as it would when it next writes to its log.
    const orphan = Number.parseInt(sending);
    process.kill(orphan, 'SIGSTOP');
    onTestFinished(() => {
      endProcess(orphan);
    });
    process.kill(-(killed.pid ?? 0), 'SIGKILL');
    await killed;
    expect(await readReceipt(set.receipt)).toBeNull();
    const manifest = await stat(place.pathOf(nameOf(set.manifest)));

    const resumed = await start();
    expect(resumed.all).toMatch(/✔ shop_\w+ {2}8\.0 MB sent and read back/);
    expect(resumed.exitCode).toBe(0);
    const copy = await readFile(place.pathOf(nameOf(set.dump)));
    expect(copy.equals(await readFile(set.dump))).toBe(true);
    expect((await stat(place.pathOf(nameOf(set.manifest)))).mtimeMs).toBe(manifest.mtimeMs);
    expect(await isRunning(orphan)).toBe(false);
  });

  test('sends again what was damaged or lost there', async () => {
    const place = await makePlace();
    const { directory, start } = await makeSite(place);
    const damaged = await makeBackup(directory, nightBefore(0));
    const lost = await makeBackup(directory, nightBefore(1));
    const unknown = await makeBackup(directory, nightBefore(2));
    await start();
    const there = (file: string) => place.pathOf(file.slice(directory.length + 1));
    flip(there(damaged.dump));
    await rm(damaged.receipt);
    await rm(there(lost.dump));
    await rm(unknown.receipt);

    const { all, exitCode } = await start();
    expect(all).toMatch(/3 copied, 0 copied before/);
    expect(all.match(/2\.0 kB sent and read back/g)).toHaveLength(2);
    expect(all).toMatch(/was there, and was read back/);
    expect(exitCode).toBe(0);
    for (const { dump } of [damaged, lost, unknown]) {
      expect((await readFile(there(dump))).equals(await readFile(dump))).toBe(true);
    }
  });

  test('copies nothing that is damaged here, and goes on with the others', async () => {
    const place = await makePlace();
    const { directory, start } = await makeSite(place);
    const damaged = await makeBackup(directory, nightBefore(0));
    const good = await readFile(damaged.dump);
    await start();
    await rm(damaged.receipt);
    flip(damaged.dump);
    const other = await makeBackup(directory, nightBefore(1));

    const { all, exitCode } = await start();
    expect(all).toMatch(/✖ shop_\w+ {2}the dump here is damaged: its SHA-256 is/);
    expect(all).toMatch(/1 copied, 0 copied before, 0 passed over, 1 failed/);
    expect(exitCode).toBe(2);
    expect(await readReceipt(damaged.receipt)).toBeNull();
    expect(await readReceipt(other.receipt)).not.toBeNull();
    expect((await readFile(place.pathOf(damaged.dump.slice(directory.length + 1)))).equals(good)).toBe(true);
  });

  test('does not replace another whole backup of the same name', async () => {
    const place = await makePlace();
    const [one, two] = [await makeSite(place), await makeSite(place)];
    const first = await makeBackup(one.directory, nightBefore(0));
    const second = await makeBackup(two.directory, nightBefore(0));
    expect((await one.start()).exitCode).toBe(0);

    const { all, exitCode } = await two.start();
    expect(all).toMatch(/has another whole backup of that name/);
    expect(exitCode).toBe(2);
    expect(await readReceipt(second.receipt)).toBeNull();
    const there = await readFile(place.pathOf(first.dump.slice(one.directory.length + 1)));
    expect(there.equals(await readFile(first.dump))).toBe(true);
  });

  test.for([
    ['refused', /could not use refused:.*Give rclone credentials/],
    ['closed', /could not use closed:.*connection refused.*See whether the other side runs/],
    ['unheard-of', /rclone has no such remote.*backups\.rcloneConfig/],
  ] as const)('says why the remote %s cannot be used, and no secret', async ([remote, message]) => {
    const place = await makePlace();
    const { directory, start } = await makeSite(place, remote);
    const set = await makeBackup(directory, nightBefore(0));
    const variable = `canary-${randomBytes(6).toString('hex')}`;

    const { all, exitCode } = await start([], { AWS_SECRET_ACCESS_KEY: variable, RCLONE_FTP_PASS: variable });
    expect(all).toMatch(message);
    expect(exitCode).toBe(2);
    for (const secret of [...place.secrets, variable]) expect(all).not.toContain(secret);
    expect(await readReceipt(set.receipt)).toBeNull();
    expect(await readdir(directory)).not.toContainEqual(expect.stringMatching(/^\./));
  });
});

describeWithRclone('npm run offsite [an object store alone]', () => {
  const makePlace = useObjectStore();

  test('finds out that what was read back is not what was sent', async () => {
    const place = await makePlace();
    const { directory, start } = await makeSite(place);
    const set = await makeBackup(directory, nightBefore(0));
    const other = await makeBackup(directory, nightBefore(1));
    let stored = 0;
    place.onStored((file) => {
      if (file === set.dump.slice(directory.length + 1) && (stored += 1) === 1) flip(place.pathOf(file));
    });

    const { all, exitCode } = await start();
    expect(all).toMatch(/was sent, but what was read back from there:\S+ differs/);
    expect(all).toMatch(/1 copied, 0 copied before, 0 passed over, 1 failed/);
    expect(exitCode).toBe(2);
    expect(await readReceipt(set.receipt)).toBeNull();
    expect(await readReceipt(other.receipt)).not.toBeNull();
    expect((await start()).exitCode).toBe(0);
  });

  test('lets npm run prune delete nothing whose copy has as many bytes, and others', async () => {
    const place = await makePlace();
    const { directory, start, prune } = await makeSite(place);
    const sets = [];
    for (let days = 0; days < 4; days += 1) sets.push(await makeBackup(directory, nightBefore(days)));
    expect((await start()).exitCode).toBe(0);
    const [, , one, two] = sets;
    await rewrite(place, one?.dump ?? '', randomBytes(2000));
    const { all, exitCode } = await prune();
    expect(lineOf(all, one)).toMatch(/copy off-host has other bytes: \S+\.dump differs from the file here/);
    expect(all).toMatch(/3 kept, 1 deleted/);
    expect(exitCode).toBe(2);
    expect(await readdir(directory)).not.toContain(basename(two?.dump ?? ''));
    expect((await start()).all).toMatch(/1 copied, 2 copied before/);
    expect(await prune()).toMatchObject({ exitCode: 0, all: expect.stringMatching(/2 kept, 1 deleted/) as string });
  });

  test('neither deletes nor replaces anything in a bucket whose objects are locked, and says so where it would have to', async () => {
    const place = await makePlace();
    const { directory, start, prune } = await makeSite(place);
    const sets = [];
    for (let days = 0; days < 4; days += 1) sets.push(await makeBackup(directory, nightBefore(days)));
    const [newest] = sets;
    await rewrite(place, newest?.dump ?? '', randomBytes(100));
    const asked = await lockBucket(place);

    const first = await start();
    // A copy that was cut off stays as it is, as long as the lock lasts.
    expect(first.all).toMatch(/WORM protected.*lock or retention there keeps what is there.*--to/);
    expect(first.all).not.toContain('credentials');
    expect(first).toMatchObject({ exitCode: 2, all: expect.stringMatching(/3 copied.* 1 failed/) as string });
    expect(await prune()).toMatchObject({ exitCode: 0, all: expect.stringMatching(/2 kept, 2 deleted/) as string });
    await rm(newest?.dump ?? '');
    expect(await start()).toMatchObject({ exitCode: 0 });
    expect(asked.filter((change) => !change.startsWith('PUT '))).toEqual([]);
  });

  test('makes no bucket', async () => {
    const place = await makePlace();
    const { directory, start } = await makeSite(place);
    await makeBackup(directory, nightBefore(0));
    const { all, exitCode } = await start(['--to', 'there:backupz/shop']);
    expect(all).toMatch(/NoSuchBucket.*There is no such bucket\. Make it, or mend its name/);
    expect(exitCode).toBe(2);
  });

  test('takes remote and credentials from the environment', async () => {
    const { endpoint, at } = await makePlace();
    const { directory, start } = await makeSite(await makePlace());
    await makeBackup(directory, nightBefore(0));
    const env = {
      RCLONE_CONFIG_ENV_TYPE: 's3',
      RCLONE_CONFIG_ENV_PROVIDER: 'Other',
      RCLONE_CONFIG_ENV_ENV_AUTH: 'true',
      RCLONE_CONFIG_ENV_ENDPOINT: endpoint,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: objectStoreKey,
      AWS_SECRET_ACCESS_KEY: objectStoreKey,
      AWS_CA_BUNDLE: '/etc/hostname',
    };
    const { all, exitCode } = await start(['--to', at('env')], env);
    expect(all).toMatch(/1 copied/);
    expect(exitCode).toBe(0);
  });

  test('is done by one at a time', async () => {
    const place = await makePlace();
    const { directory, start } = await makeSite(place);
    const set = await makeBackup(directory, nightBefore(0), { dump: large() });
    const first = start([], slowly);
    await expect.poll(() => findProcesses(set.dump), { timeout: 60_000 }).toHaveLength(1);
    const { all, exitCode } = await start();
    expect(all).toMatch(/are being copied off-host already/);
    expect(exitCode).toBe(2);
    expect((await first).exitCode).toBe(0);
  });

  test('ends soon when it is interrupted', async () => {
    const place = await makePlace();
    const { directory, start } = await makeSite(place);
    const set = await makeBackup(directory, nightBefore(0), { dump: large() });
    const child = start([], slowly);
    await expect.poll(() => findProcesses(set.dump), { timeout: 60_000 }).toHaveLength(1);
    process.kill(-(child.pid ?? 0), 'SIGINT');
    const { all, exitCode } = await child;
    expect(all).toMatch(/stopped/);
    expect(exitCode).toBe(2);
    expect(await findProcesses(set.dump)).toEqual([]);
    expect(await readdir(directory)).not.toContainEqual(expect.stringMatching(/^\./));
  });

  test('says what to install where there is no rclone', async () => {
    const { directory, start } = await makeSite(await makePlace());
    await makeBackup(directory, nightBefore(0));
    const programs = join(dirname(directory), 'bin');
    await mkdir(programs);
    await symlink(process.execPath, join(programs, 'node'));
    const { all, exitCode } = await start([], { PATH: programs });
    expect(all).toMatch(/rclone could not be started \(ENOENT\)\..*apt-get install rclone/);
    expect(exitCode).toBe(2);
  });
});

describeWithRclone('npm run offsite [a second host alone]', () => {
  const makePlace = useSecondHost();

  test('sends nothing to a host that is another than before', async () => {
    const { directory, start } = await makeSite(await makePlace(), 'impostor');
    await makeBackup(directory, nightBefore(0));
    const { all, exitCode } = await start();
    expect(all).toMatch(/The host is not the one of known_hosts/);
    expect(exitCode).toBe(2);
  });

  test('does not wait long for one that says nothing', async () => {
    const place = await makePlace();
    const listener = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void listener.close());
    await once(listener, 'listening');
    const { port } = listener.address() as AddressInfo;
    const config = await readFile(place.config, 'utf8');
    await writeFile(place.config, config.replace('port = 1\n', `port = ${port}\n`));
    const limits = { timeoutMs: 60_000 };
    const where = { destination: place.at('closed'), config: place.config, environment: readEnvironment() };
    const startedAt = performance.now();
    await expect(openRclone({ ...where, limits, silenceMs: 1000 }).list('shop')).rejects.toThrow(
      /could not use closed:.*timeout.*See whether the other side runs and can be reached/,
    );
    expect(performance.now() - startedAt).toBeLessThan(15_000);
  });

  test('leaves files that sha256sum checks', async () => {
    const place = await makePlace();
    const { directory, start } = await makeSite(place);
    const sets = [
      await makeBackup(directory, nightBefore(0)),
      await makeBackup(directory, nightBefore(1), { dump: pieces }),
    ];
    await start();
    for (const { checksum } of sets) {
      const copy = place.pathOf(checksum.slice(directory.length + 1));
      expect(await execa('sha256sum', ['--check', copy], { cwd: dirname(copy) })).toMatchObject({ exitCode: 0 });
    }
  });
});

describe('npm run offsite', () => {
  test.for([
    [['--to', 'backups/elsewhere'], /--to is "backups\/elsewhere", which names no remote/],
    [['--to', ':s3,secret_access_key=canary:b'], /^(?!.*canary).*holds what others must not see/s],
    [['--too', 'x:y'], /Unknown flag --too; did you mean --to\?/],
    [[], /give --to REMOTE:PATH, or set backups\.offsite/],
  ] as const)('%j is refused', async ([args, message]) => {
    const profile = await makeProfile({ backups: { directory: 'backups' } });
    const { all, exitCode } = await startCommand('offsite', ['--config', profile, ...args]);
    expect(all).toMatch(message);
    expect(exitCode).toBe(2);
  });
});

/** Puts other bytes in the place of a copy, as another program would. */
async function rewrite(place: OffsitePlace, file: string, bytes: Buffer): Promise<void> {
  const args = ['--config', place.config, 'rcat', `${place.at('there')}/${basename(file)}`];
  const env = { PATH: process.env['PATH'] ?? '', RCLONE_S3_NO_CHECK_BUCKET: 'true' };
  await execa('rclone', args, { input: bytes, env, extendEnv: false });
}

/** What the error output says of a backup. */
function lineOf(all: string, set: BackupSet | undefined): string {
  const stem = basename(set?.dump ?? '', '.dump');
  return all.split('\n').find((line) => line.includes('✖') && line.includes(stem)) ?? '';
}

/** A search path on which rclone notes what it was started for. */
async function countRclone() {
  const directory = await makeWorkspace();
  const log = join(directory, 'calls');
  const { stdout: rclone } = await execa('which', ['rclone']);
  const text = `#!/bin/sh\necho "$1" >> '${log}'\nexec ${rclone} "$@"\n`;
  await writeFile(join(directory, 'rclone'), text, { mode: 0o755 });
  const env = { PATH: `${directory}:${process.env['PATH'] ?? ''}` };
  return { env, calls: async () => (await readFile(log, 'utf8')).trim().split('\n') };
}

/** Flips a byte in the middle of a file, at once. */
function flip(path: string): void {
  const file = openSync(path, 'r+');
  const middle = Math.floor(fstatSync(file).size / 2);
  const byte = Buffer.alloc(1);
  readSync(file, byte, 0, 1, middle);
  writeSync(file, Buffer.from([byte.readUInt8() ^ 1]), 0, 1, middle);
  closeSync(file);
}
