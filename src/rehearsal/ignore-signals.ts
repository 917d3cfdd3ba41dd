/**
 * Set-up file of the workers. A Ctrl-C in a terminal reaches every process in the foreground; the harness's main
 * process then cancels the run, and the worker has to stay alive to remove what it started.
 */
const ignore = () => undefined;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, ignore);
