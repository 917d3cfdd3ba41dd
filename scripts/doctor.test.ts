import { execa } from 'execa';
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, inject, test } from 'vitest';
import { makeProfile } from '../fixtures/testing/profiles.ts';
import { startHarness } from '../fixtures/testing/harnesses.ts';
import { findProcesses } from '../fixtures/testing/leftovers.ts';
import { endProcess } from '../fixtures/testing/processes.ts';
import { listLeft, makePlace, startScript } from '../fixtures/testing/run-rehearse.ts';
import { describeEngine } from '../fixtures/testing/engines.ts';
import { readEnvironment } from '../src/system/environment.ts';
import { encodeOwner, ownOwner } from '../src/system/owner.ts';

/** Its PATH and DOCKER_HOST lead nowhere, and yet there is Node.js. */
async function makeBareEnvironment(): Promise<Record<string, string>> {
  const { temporaryDirectory } = await makePlace();
  return {
    DOCKER_HOST: 'tcp://127.0.0.1:1',
    HOME: temporaryDirectory,
    REHEARSAL_PG_BINDIR: temporaryDirectory,
  };
}

test('the doctor says what works here, and leaves nothing', async () => {
  const place = await makePlace();
  const { all, exitCode } = await startScript('doctor', place, []);
  const skipped = inject('skipped');
  expect(all).toMatch(skipped.local === null ? /✔ local +PostgreSQL \d+/ : /✖ local/);
  expect(all).toMatch(
    skipped.docker === null ? /✔ docker +Docker \d+\S* answers at .* and has the image/ : /[✖!] docker/,
  );
  expect(all).toContain(`✔ Node.js     ${process.versions.node}`);
  expect(all).toMatch(/✔ profile {5}haircuttgbot, engine auto/);
  expect(all).toMatch(/✔ temp files {2}\S+, [\d.]+ GB free/);
  expect(all).toMatch(/left by killed rehearsals\n {4}\S/);
  expect(exitCode).toBe(0);
  expect(await listLeft(place.temporaryDirectory)).toEqual([]);
});

test('where no engine works, it says of each why and what mends it', async () => {
  const { all, exitCode } = await startScript('doctor', await makePlace(), [], await makeBareEnvironment());
  expect(all).toMatch(
    /✖ docker +no Docker daemon answers this account at tcp:\/\/127\.0\.0\.1:1 \(DOCKER_HOST\): nobody listens there\n +to mend it: start Docker/,
  );
  expect(all).toMatch(
    /✖ local +there is no complete PostgreSQL 14 or newer.*\n +to mend it: apt-get install postgresql/,
  );
  expect(exitCode).toBe(2);
});

test('where the profile cannot be used, it says why, and looks at everything else', async () => {
  const config = await makeProfile({ databse: { name: 'x' } });
  const { all, exitCode } = await startScript('doctor', await makePlace(), ['--config', config]);
  expect(all).toMatch(/✖ profile +The profile .* cannot be used:\n +- .*databse/);
  expect(all).toContain('✔ Node.js');
  expect(exitCode).toBe(2);
});

test.each(['a\nb', 'a b', '\u001b[31mred', '--privileged'])(
  'an image %j that can be none is refused',
  async (image) => {
    const { all, exitCode } = await startScript('doctor', await makePlace(), [`--image=${image}`]);
    expect(all).toContain('--image takes the name of an image');
    expect(all).not.toContain('TypeError');
    expect(exitCode).toBe(2);
  },
);

test('an unknown flag is refused with the nearest one', async () => {
  const { all, exitCode } = await startScript('doctor', await makePlace(), ['--claen']);
  expect(all).toContain('Unknown flag --claen; did you mean --clean?');
  expect(exitCode).toBe(2);
});

describeEngine('local', 'what killed rehearsals left', () => {
  test('is listed, and removed with --clean; what was kept is listed with what ends it', async () => {
    const place = await makePlace();
    const { temporaryDirectory, reports } = place;
    const owner = encodeOwner({ ...(await ownOwner(readEnvironment().path)), startedAt: 1 }, 'full');
    const draft = join(reports, `.latest.json-${owner}-0123abcd`);
    await mkdir(draft, { recursive: true });
    const [dead, kept] = await Promise.all([
      startHarness('local', temporaryDirectory),
      startHarness('local', temporaryDirectory, { keep: true }),
    ]);
    await Promise.all([dead.kill(), kept.kill()]);

    const listed = await startScript('doctor', place, []);
    expect(listed.all).toMatch(new RegExp(`left by killed rehearsals\n {4}${dead.directory} with \\d+ processes\n`));
    expect(listed.all).toContain(`    ${draft}\n`);
    expect(listed.all).toContain('npm run doctor -- --clean');
    expect(listed.all).toMatch(new RegExp(`kept on request\n {4}${kept.directory} {2}local server, process \\d+\n`));
    expect(listed.exitCode).toBe(0);

    const cleaned = await startScript('doctor', place, ['--clean']);
    expect(cleaned.all).toMatch(new RegExp(`✔ removed ${dead.directory} with \\d+ processes\n`));
    expect(cleaned.all).toContain(`✔ removed ${draft}\n`);
    expect(cleaned.exitCode).toBe(0);
    expect(await findProcesses(dead.directory)).toEqual([]);
    expect(await readdir(reports)).toEqual([]);
    const command = / end {2}(kill .*)/.exec(cleaned.all)?.[1] ?? '';
    expect(await findProcesses(kept.directory)).not.toEqual([]);
    await execa('sh', ['-c', command]);
    endProcess(kept.programPid);
    expect(await listLeft(temporaryDirectory)).toEqual([]);
  });

  test('is removed by the next rehearsal, which says so', async () => {
    const place = await makePlace();
    const dead = await startHarness('local', place.temporaryDirectory);
    await dead.kill();
    const { all, exitCode } = await startScript('rehearse', place, ['--engine', 'local']);
    expect(all).toMatch(
      new RegExp(`^ {2}removed what a killed rehearsal left: ${dead.directory} with \\d+ processes$`, 'm'),
    );
    expect(exitCode).toBe(0);
    expect(await findProcesses(place.temporaryDirectory)).toEqual([]);
    expect(await listLeft(place.temporaryDirectory)).toEqual([]);
  });
});
