import { styleText } from 'node:util';
import { exitStatus } from '../evidence/verdict.ts';
import { directoryOfPerson } from '../system/environment.ts';
import { OperationalError } from '../system/operational-error.ts';
import { printable } from '../terminal/printable.ts';
import type { CommandOutcome } from './command.ts';

const statuses: Record<CommandOutcome, number> = { ...exitStatus, done: 0 };

/** Says what came of `body` with the exit status. What it throws is shown. */
export async function endWith(body: () => Promise<CommandOutcome>): Promise<void> {
  // Until there is an outcome. Vitest, too, only sets a status where there is none.
  process.exitCode = statuses['could-not-run'];
  endAfterSignals();
  standWherePersonStands();
  process.exitCode = statuses[await showError(body)];
}

/** Flags' paths, the profile that is looked for, and what is suggested to be typed next start from there. */
function standWherePersonStands(): void {
  const workingDirectory = process.cwd();
  const directory = directoryOfPerson(process.env, workingDirectory);
  if (directory !== workingDirectory) process.chdir(directory);
}

/** A command that hears a signal has this long to remove what it has started; then it ends with what it still does. */
const patienceMs = 15_000;

/** Whatever it waits for: a server that says nothing, a file that is a pipe. A command that hears no signals ends at once. */
function endAfterSignals(): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => {
      // This one is off by now.
      if (process.listenerCount(signal) === 0) process.exit(statuses['could-not-run']);
      const seconds = patienceMs / 1000;
      setTimeout(() => {
        const message = `It has not ended within ${seconds} s of the signal, and is ended now. The next run removes what it has left.`;
        console.error(styleText('red', message, { stream: process.stderr }));
        process.exit(statuses['could-not-run']);
      }, patienceMs).unref();
    });
  }
}

async function showError(body: () => Promise<CommandOutcome>): Promise<CommandOutcome> {
  try {
    return await body();
  } catch (error) {
    if (!(error instanceof OperationalError)) throw error;
    console.error(styleText('red', printable(error.message), { stream: process.stderr }));
    return 'could-not-run';
  }
}
