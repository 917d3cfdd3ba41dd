import { oneLine } from './one-line.ts';
import { nextLineMs } from './sparse.ts';

/** The part of a terminal that is needed here. */
interface Output {
  isTTY?: boolean;
  columns?: number;
  write(text: string): unknown;
}

const betweenUpdatesMs = 200;
const betweenLooksMs = 1000;

/**
 * Shows how far long work has come, also while it does not get any further: on a terminal in one line that changes,
 * elsewhere a line now and then.
 */
export class ProgressLine implements Disposable {
  readonly #output: Output;
  readonly #timer: NodeJS.Timeout;
  readonly #startedAt = performance.now();
  #nextLineMs = nextLineMs(0);
  #isShown = false;

  /** @param text is asked for whenever it is to be shown; null while there is nothing to show */
  constructor(output: Output, text: () => string | null) {
    this.#output = output;
    const show = () => {
      this.#show(text());
    };
    this.#timer = setInterval(show, output.isTTY === true ? betweenUpdatesMs : betweenLooksMs);
  }

  #show(text: string | null): void {
    if (text === null) return;
    // Leading blanks stay.
    const line = `${/^ */.exec(text)?.[0] ?? ''}${oneLine(text.trimStart())}`;
    if (this.#output.isTTY !== true) {
      const since = performance.now() - this.#startedAt;
      if (since < this.#nextLineMs) return;
      this.#nextLineMs = nextLineMs(since);
      this.#output.write(`${line}\n`);
      return;
    }
    this.clear();
    this.#output.write(line.slice(0, Math.max((this.#output.columns ?? 80) - 1, 20)));
    this.#isShown = true;
  }

  /** Ends it; nothing of it stays on a terminal. */
  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.clear();
  }

  /** Makes room for other output. */
  clear(): void {
    if (this.#isShown) this.#output.write('\r\u001b[K');
    this.#isShown = false;
  }
}
