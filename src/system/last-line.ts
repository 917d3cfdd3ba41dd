/** The last line that a program printed, or a few words where it printed nothing. Pure. */
export function lastLine(log: string): string {
  return log.trim().split('\n').at(-1) || 'it printed nothing';
}
