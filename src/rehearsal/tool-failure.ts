import type { CommandResult } from '../process/run.ts';
import { redact, withoutRows } from '../process/redact.ts';
import { RehearsalError } from '../rehearsal-error.ts';
import type { Drill } from './drill.ts';

/** What a tool printed, without secrets and rows. */
export function toolLog({ stderr }: CommandResult, { secrets }: Drill): string {
  return redact(withoutRows(stderr), secrets);
}

/**
 * The first error of a tool that failed for the backup's sake.
 * @throws RehearsalError where the machine or the server is to blame instead: DISK_FULL, SERVER_LOST
 */
export function blameBackup(tool: string, log: string): string {
  if (/No space left on device/.test(log)) {
    throw new RehearsalError('DISK_FULL', `${tool} failed because a disk is full. Free some space and start again.`);
  }
  if (/server closed the connection unexpectedly|terminating connection due to|could not connect to server/.test(log)) {
    throw new RehearsalError('SERVER_LOST', `${tool} failed because the disposable server went away:\n${log.trim()}`);
  }
  const lines = log.trim().split('\n');
  return lines.find((line) => /\berror:|ERROR:/.test(line)) ?? lines.at(-1) ?? 'it printed nothing';
}
