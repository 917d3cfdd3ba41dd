import { printable } from '../process/redact.ts';

/** The part of a terminal that is needed here. */
interface Output {
  isTTY?: boolean;
  columns?: number;
  write(text: string): unknown;
}

const betweenUpdatesMs = 200;
const betweenLinesMs = 5000;

/** Shows how far long work has come: on a terminal in one line that changes, elsewhere a line every few seconds. */
export class ProgressLine implements Disposable {
  readonly #output: Output;
  #shownAt: number;
  #isShown = false;

  constructor(output: Output) {
    this.#output = output;
    this.#shownAt = output.isTTY === true ? 0 : performance.now();
  }

  /** @param text only asked for if it is shown */
  update(text: () => string): void {
    const now = performance.now();
    const isTerminal = this.#output.isTTY === true;
    if (now - this.#shownAt < (isTerminal ? betweenUpdatesMs : betweenLinesMs)) return;
    this.#shownAt = now;
    const line = printable(text()).replaceAll('\n', ' ');
    if (!isTerminal) {
      this.#output.write(`${line}\n`);
      return;
    }
    this.clear();
    this.#output.write(line.slice(0, Math.max((this.#output.columns ?? 80) - 1, 20)));
    this.#isShown = true;
  }

  [Symbol.dispose](): void {
    this.clear();
  }

  /** Makes room for other output. */
  clear(): void {
    if (this.#isShown) this.#output.write('\r\u001b[K');
    this.#isShown = false;
  }
}
