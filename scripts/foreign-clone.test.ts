import { execa, execaSync } from 'execa';
import { chmod, chown, cp, mkdir, readFile, readdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, inject, test } from 'vitest';
import { makeWorkspace } from '../fixtures/testing/workspace.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const nobody = 65_534;
const asNobody = ['--reuid=65534', '--regid=65534', '--clear-groups'];
const left = inject('skipped').local ?? whyNotAsNobody();

/** This clone may be where another account cannot come to: in root's home. */
function whyNotAsNobody(): string | null {
  if (process.getuid?.() !== 0) return 'root alone can work as another account';
  const { exitCode } = execaSync('setpriv', [...asNobody, 'test', '-r', join(root, 'node_modules/vitest')], {
    reject: false,
  });
  return exitCode === 0 ? null : 'another account cannot read what is installed here';
}

/** A clone of root's: without write permission for anybody else, and with a repository that git does not trust them with. */
async function makeClone(): Promise<string> {
  const clone = await makeWorkspace();
  for (const name of ['src', 'scripts', 'rehearsals', 'fixtures/haircuttgbot', 'package.json', 'tsconfig.json'])
    await cp(join(root, name), join(clone, name), { recursive: true });
  await cp(join(root, 'rehearsal.config.ts'), join(clone, 'rehearsal.config.ts'));
  await symlink(join(root, 'node_modules'), join(clone, 'node_modules'));
  await execa('git', ['init', '--quiet', clone]);
  await execa('chmod', ['-R', 'go-w,a+rX', clone]);
  return clone;
}

test.skipIf(left !== null)(
  `a clone that belongs to another account, and may only be read, rehearses${left === null ? '' : `, skipped: ${left}`}`,
  async () => {
    const clone = await makeClone();
    const own = await makeWorkspace();
    await chown(own, nobody, nobody);
    await chmod(own, 0o755);
    await mkdir(join(own, 't'));
    await chown(join(own, 't'), nobody, nobody);
    const rehearse = (...args: string[]) =>
      execa('node', ['scripts/start.mjs', 'rehearse', 'clean-state', '--engine', 'local', ...args], {
        ...{ cwd: clone, uid: nobody, gid: nobody, reject: false, all: true },
        env: { HOME: own, TMPDIR: join(own, 't'), GITHUB_ACTIONS: 'false' },
      });
    const refused = await rehearse();
    expect(refused.all).toMatch(/Evidence cannot be written into .*reports.* Name another directory with --reports/);
    expect(refused.exitCode).toBe(2);

    const reports = join(own, 'reports');
    const { exitCode, all } = await rehearse('--reports', reports);
    expect(exitCode, all).toBe(0);
    const [name = ''] = (await readdir(reports)).filter((each) => each.endsWith('-clean-state'));
    const evidence: unknown = JSON.parse(await readFile(join(reports, name, 'evidence.json'), 'utf8'));
    expect(evidence).toMatchObject({
      verdict: 'verified',
      trigger: { commit: null, commitReason: expect.stringContaining('belongs to another account') as string },
    });
  },
);
