import { execaSync } from 'execa';
import { createHash } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/** This machine since its last start. */
export interface Host {
  name: string;
  bootId: string;
}

/** Names this machine, and this run of it: what was started before a reboot is gone. */
export function identifyHost(): Host {
  const bootId = process.platform === 'linux' ? read('/proc/sys/kernel/random/boot_id') : bootSession();
  return { name: [hostname(), read('/etc/machine-id')].filter((part) => part !== '').join(' '), bootId };
}

/**
 * Four characters that tell apart where a process id means the same process: the machine, and on Linux the namespace of
 * process ids, which differs between containers that share a directory.
 */
export function describePlace(): string {
  const parts = [hostname(), read('/etc/machine-id'), link('/proc/self/ns/pid')];
  const digest = createHash('sha256').update(parts.join('\n')).digest().readUInt32BE();
  return (digest % 36 ** 4).toString(36).padStart(4, '0');
}

/** macOS's; other systems have none, and then nothing of an earlier boot is judged. */
function bootSession(): string {
  const options = { reject: false, extendEnv: false, timeout: 10_000 } as const;
  const { exitCode, stdout } = execaSync('/usr/sbin/sysctl', ['-n', 'kern.bootsessionuuid'], options);
  return exitCode === 0 ? stdout.trim() : '';
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return '';
  }
}

function link(file: string): string {
  try {
    return readlinkSync(file);
  } catch {
    return '';
  }
}
