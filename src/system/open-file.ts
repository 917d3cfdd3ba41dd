import { setTimeout as delay } from 'node:timers/promises';
import { readEnvironment } from './environment.ts';
import { startService } from './service.ts';

/** What shows a file in the program that a person has chosen for it. */
const openers: Partial<Record<NodeJS.Platform, string>> = { linux: 'xdg-open', darwin: 'open' };

/** Whoever has not failed by then has opened it, and may go on for as long as the window is open. */
const patienceMs = 3000;
const lookAgainMs = 50;

/**
 * Opens a file as a double click would.
 * @returns why it could not be; null where it was
 */
export async function openFile(file: string): Promise<string | null> {
  const program = openers[process.platform];
  if (program === undefined) return `there is nothing on ${process.platform} to open it with`;
  const { path, desktop } = readEnvironment();
  try {
    const service = startService({ file: program, args: [file], env: { ...desktop, PATH: path }, cwd: '/' });
    const deadline = performance.now() + patienceMs;
    while (service.exit() === null && performance.now() < deadline) await delay(lookAgainMs);
    const exit = service.exit();
    if (exit === null) service.release();
    if (exit === null || exit.code === 0) return null;
    const said = service.lastLines(1).join('');
    return `${program} found no browser${said === '' ? '' : `: ${said}`}`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
