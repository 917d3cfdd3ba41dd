import { execa } from 'execa';

/** The account a child runs under, where it is not the harness's own. */
export interface Account {
  name: string;
  uid: number;
  gid: number;
}

/** The account for programs that refuse to run as root: `postgres` where it exists, else `nobody`. `null` when not root. */
export async function unprivilegedAccount(path: string): Promise<Account | null> {
  if (process.getuid?.() !== 0) return null;
  for (const name of ['postgres', 'nobody']) {
    const account = await readAccount(name, path);
    if (account !== null) return account;
  }
  return null;
}

/** `id` answers `uid=101(postgres) gid=104(postgres) groups=…`. */
async function readAccount(name: string, path: string): Promise<Account | null> {
  const { exitCode, stdout } = await execa('id', [name], { reject: false, extendEnv: false, env: { PATH: path } });
  const [, uid, gid] = /^uid=(\d+)\S* gid=(\d+)/.exec(stdout) ?? [];
  return exitCode !== 0 || uid === undefined || gid === undefined ? null : { name, uid: Number(uid), gid: Number(gid) };
}
