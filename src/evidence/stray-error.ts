/** What went wrong outside of any step, in plain words: Vitest says of a process that is gone no more than that it "emitted error". */
export function describeStrayError({ message }: { message: string }): string {
  if (!/^\[vitest-pool\]: Worker \S+ emitted error/.test(message)) return message;
  return 'The process that ran the rehearsal was ended from outside, by hand or by the system, which does so where memory is short (see dmesg). What it had started is removed at the next start.';
}
