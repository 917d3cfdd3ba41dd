import { readdir, readFile } from 'node:fs/promises';

/** Watches the Node.js processes below one of them. @returns what ends that, and gives the largest resident size, in MB */
export function watchResidentSize(pid: number): () => number {
  let largest = 0;
  const timer = setInterval(() => void look(), 100);
  async function look(): Promise<void> {
    for (const each of await descendants(pid)) largest = Math.max(largest, await peakOf(each));
  }
  return () => {
    clearInterval(timer);
    return largest;
  };
}

async function descendants(root: number): Promise<number[]> {
  const parents = new Map<number, number>();
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const stat = await readFile(`/proc/${name}/stat`, 'utf8').catch(() => '');
    parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]));
  }
  const isBelow = (pid: number): boolean => {
    const parent = parents.get(pid);
    return pid === root || (parent !== undefined && parent > 1 && isBelow(parent));
  };
  return [...parents.keys()].filter(isBelow);
}

/** VmHWM of a Node.js process, in MB; 0 for any other. Node.js 24 calls its main thread MainThread. */
async function peakOf(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const [, kilobytes] = /^Name:\s+(?:node|MainThread|vitest)[^]*^VmHWM:\s+(\d+) kB/m.exec(status) ?? [];
  return kilobytes === undefined ? 0 : Number(kilobytes) / 1024;
}
