import type { Say } from './step.ts';

const betweenMs = 2000;

/** Passes on a message only if some time has passed since the last one: every one of them is kept until the end of the run. */
export function nowAndThen(say: Say): Say {
  let saidAt = -Infinity;
  return (message) => {
    const now = performance.now();
    if (now - saidAt < betweenMs) return;
    saidAt = now;
    say(message);
  };
}
