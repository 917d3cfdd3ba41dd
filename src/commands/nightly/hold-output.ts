import { writeSync } from 'node:fs';

/** Output that nobody has seen yet. */
export interface HeldOutput {
  /** Shows all of it, and holds nothing any more. */
  release: () => void;
  /** Lets go of it, and holds nothing any more. */
  drop: () => void;
}

/**
 * Holds back what this process writes to its terminal, whoever writes it: cron mails what a job says, and a good night is nothing
 * to say. Should the process end before anybody has decided, all of it is shown.
 */
export function holdOutput(): HeldOutput {
  const held: { fd: 1 | 2; text: string | Uint8Array }[] = [];
  const streams = [
    { stream: process.stdout, fd: 1 as const, write: process.stdout.write.bind(process.stdout) },
    { stream: process.stderr, fd: 2 as const, write: process.stderr.write.bind(process.stderr) },
  ];
  for (const { stream, fd } of streams) {
    stream.write = (text: string | Uint8Array, encoding?: unknown, done?: unknown) => {
      held.push({ fd, text });
      const callback = typeof encoding === 'function' ? encoding : done;
      if (typeof callback === 'function') process.nextTick(callback);
      return true;
    };
  }
  const stop = () => {
    process.off('exit', showAtExit);
    for (const { stream, write } of streams) stream.write = write;
    return held.splice(0);
  };
  const showAtExit = () => {
    // At this point nothing that is asynchronous is written any more.
    for (const { fd, text } of stop()) tryToWrite(fd, text);
  };
  process.once('exit', showAtExit);
  return {
    release: () => {
      for (const { fd, text } of stop()) streams.find((each) => each.fd === fd)?.write(text);
    },
    drop: () => {
      stop();
    },
  };
}

/** Whoever reads it may be gone. */
function tryToWrite(fd: 1 | 2, text: string | Uint8Array): void {
  try {
    writeSync(fd, typeof text === 'string' ? Buffer.from(text) : text);
  } catch {
    // There is nobody to tell.
  }
}
