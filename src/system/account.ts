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
    const [uid, gid] = await Promise.all([id('-u', name, path), id('-g', name, path)]);
    if (uid !== null && gid !== null) return { name, uid, gid };
  }
  return null;
}

async function id(option: '-u' | '-g', name: string, path: string): Promise<number | null> {
  const { exitCode, stdout } = await execa('id', [option, name], {
    reject: false,
    extendEnv: false,
    env: { PATH: path },
  });
  return exitCode === 0 ? Number(stdout) : null;
}
