import { clockSlackMs } from './drills.ts';
import { isRun, ledgerFile, type LedgerLine } from './line.ts';
import { startedAt } from './started-at.ts';

/** What says that a clock was wrong: lines from the future, and lines that were written before the one in front of them. Pure. */
export function findClockFaults(lines: LedgerLine[], now: Date): string[] {
  return lines.flatMap((line, index) => {
    const where = `Line ${line.number} of ${ledgerFile}`;
    const before = lines[index - 1];
    const latest = Math.max(Date.parse(line.writtenAt), isRun(line) ? startedAt(line).getTime() : 0);
    if (latest > now.getTime() + clockSlackMs) {
      const when = new Date(latest).toISOString();
      return [
        `${where} says ${when}, and now is ${now.toISOString()}: one of the two clocks is wrong. The line does not count.`,
      ];
    }
    if (before === undefined || Date.parse(before.writtenAt) - Date.parse(line.writtenAt) <= clockSlackMs) return [];
    return [`${where} says ${line.writtenAt}, and the line before it ${before.writtenAt}: a clock went backwards.`];
  });
}
