import { runProgram } from '../system/run-program.ts';
import type { Account } from '../system/account.ts';

/** A program, and the account that it is to run under where that is not the harness's own. */
interface Program {
  file: string;
  name?: string;
  args: string[];
  account?: Account | null;
}

/** Runs programs shut off from the network, where the operating system allows it. */
export interface Enclosure {
  /** Whether programs are shut off here. */
  readonly shut: boolean;
  /** Turns a program into one that has no network interface. Its process stays the one that is started. */
  enclose<P extends Program>(program: P): P;
  /** The same, with a small disk of its own at `directory` that nothing else sees. Null where that cannot be had. */
  withSmallDisk(directory: string): Promise<Enclosure | null>;
}

const smallDiskMegabytes = 24;

/** Finds out whether this machine gives programs namespaces of their own: Linux does, unless an administrator objects. */
export async function probeEnclosure(account: Account | null, path: string): Promise<Enclosure> {
  const shut = makeEnclosure(account, path, null);
  return (await works(shut, account, path)) ? shut : open;
}

/** The same process goes through all of these programs, for each replaces itself by the next: its pid stays. */
function makeEnclosure(account: Account | null, path: string, smallDisk: string | null): Enclosure {
  const prefix = account === null ? asOrdinaryUser(smallDisk) : asRoot(account, smallDisk);
  return {
    shut: true,
    enclose: (program) => ({
      ...program,
      name: program.name ?? program.file,
      file: 'unshare',
      args: [...prefix, program.file, ...program.args],
      account: null,
    }),
    async withSmallDisk(directory) {
      const enclosure = makeEnclosure(account, path, directory);
      return (await works(enclosure, account, path)) ? enclosure : null;
    },
  };
}

// Shared memory of a server that was killed goes away with its IPC namespace.
const separate = ['--net', '--ipc'];

function asRoot(account: Account, smallDisk: string | null): string[] {
  const drop = ['setpriv', `--reuid=${account.uid}`, `--regid=${account.gid}`, '--clear-groups', '--no-new-privs'];
  const owner = `,uid=${account.uid},gid=${account.gid}`;
  return [...separate, ...(smallDisk === null ? [] : ['--mount', ...mounting(smallDisk, owner)]), ...drop];
}

/** Only who is root in a user namespace may mount: a second one inside the first gives the account its own number back. */
function asOrdinaryUser(smallDisk: string | null): string[] {
  if (smallDisk === null) return ['--user', '--map-current-user', ...separate];
  const [uid, gid] = [process.getuid?.() ?? 0, process.getgid?.() ?? 0];
  const back = ['unshare', '--user', `--map-user=${uid}`, `--map-group=${gid}`];
  return ['--user', '--map-root-user', ...separate, '--mount', ...mounting(smallDisk, ''), ...back];
}

/** There is no program that mounts and then becomes another one, so a shell does it, on its arguments. */
function mounting(directory: string, owner: string): string[] {
  const options = `size=${smallDiskMegabytes}m,mode=0700${owner}`;
  return ['sh', '-c', 'mount -t tmpfs -o "$1" tmpfs "$2" && shift 2 && exec "$@"', 'sh', options, directory];
}

const open: Enclosure = {
  shut: false,
  enclose: (program) => program,
  withSmallDisk: () => Promise.resolve(null),
};

async function works(enclosure: Enclosure, account: Account | null, path: string): Promise<boolean> {
  const nothing = { file: 'true', args: [], account, env: { PATH: path }, timeoutMs: 10_000 };
  const result = await runProgram(enclosure.enclose(nothing)).catch(() => null);
  return result?.exitCode === 0;
}
