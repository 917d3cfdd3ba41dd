import { identifyHost } from '../system/host.ts';
import { judgeOwner, type Liveness } from '../system/owner.ts';
import { parsePrivateName } from '../system/private-directory.ts';

/** Label with the machine and its boot, for several machines may share a daemon. */
export const hostLabel = 'restore-rehearsal.host';
/** Label with the account: on some machines the processes of others cannot be seen, and so not be called dead. */
const accountLabel = 'restore-rehearsal.uid';

/** Labels that say where a container or network was made. */
export function originLabels(): Record<string, string> {
  const { name, bootId } = identifyHost();
  return { [hostLabel]: `${name} ${bootId}`, [accountLabel]: String(process.getuid?.()) };
}

/**
 * Whether the rehearsal that made a container or network is still there. What another machine, account or container
 * made, or an older version of the harness, is not ours to judge.
 * @param name its id or private directory
 * @param daemonIsHere whether the daemon is reached by a socket of this machine: then nothing survived its last boot
 */
export async function judgeOrigin(
  labels: Record<string, string>,
  name: string,
  daemonIsHere: boolean,
  path: string,
): Promise<Liveness> {
  const own = originLabels();
  const parsed = parsePrivateName(name);
  if (parsed === null || labels[accountLabel] !== own[accountLabel]) return 'not-ours-to-judge';
  const [host, bootId] = split(labels[hostLabel] ?? '');
  const [ownHost, ownBootId] = split(own[hostLabel] ?? '');
  if (host !== ownHost || bootId === '' || ownBootId === '') return 'not-ours-to-judge';
  const liveness = await judgeOwner(parsed.owner, path);
  if (bootId === ownBootId || liveness === 'not-ours-to-judge') return liveness;
  // Two machines that were cloned may have one name, but not one socket.
  return daemonIsHere ? 'dead' : 'not-ours-to-judge';
}

function split(label: string): [string, string] {
  const at = label.lastIndexOf(' ');
  return [label.slice(0, at), label.slice(at + 1)];
}
