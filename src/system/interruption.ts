/**
 * A signal that is aborted by Ctrl-C and its kin. What comes after the first of them finds the clean-up under way, and is
 * passed over.
 * @param tell is called at the first one, for a word to the person who pressed the keys
 */
export function interruption(tell?: () => void): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      if (!controller.signal.aborted) tell?.();
      controller.abort();
    });
  }
  return controller.signal;
}
