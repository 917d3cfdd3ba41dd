type ErrorListener = (error: NodeJS.ErrnoException) => void;

/**
 * Calls `listener` once the process that started this worker is gone, SIGKILL included. Vitest's own answer to that is to
 * end the worker there and then, with everything that it started still in place; it is taken back while this one waits.
 * @returns what ends the waiting
 */
export function whenHarnessIsLost(listener: () => void): () => void {
  // Not started by Vitest's pool of forks.
  if (process.send === undefined) return () => undefined;
  let lost = false;
  const report = () => {
    if (!lost) listener();
    lost = true;
  };
  const onError: ErrorListener = ({ code }) => {
    if (code === 'ERR_IPC_CHANNEL_CLOSED' || code === 'EPIPE') report();
  };
  const theirs = process.rawListeners('error') as ErrorListener[];
  for (const other of theirs) process.off('error', other);
  process.on('error', onError);
  process.once('disconnect', report);
  // Nobody reads them any more: a broken pipe must not end the clean-up.
  const streams = [process.stdout, process.stderr];
  const ignore = () => undefined;
  for (const stream of streams) stream.on('error', ignore);
  return () => {
    for (const stream of streams) stream.off('error', ignore);
    process.off('disconnect', report);
    process.off('error', onError);
    for (const other of theirs) process.on('error', other);
  };
}
