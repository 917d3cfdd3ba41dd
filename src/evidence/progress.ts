import { styleText } from 'node:util';
import prettyMilliseconds from 'pretty-ms';
import type { Reporter, TestCase, TestModule, TestRunEndReason } from 'vitest/node';
import { oneLine } from '../terminal/one-line.ts';
import { printable } from '../terminal/printable.ts';
import { nextLineMs } from '../terminal/sparse.ts';
import { wrap } from '../terminal/wrap.ts';
import { rehearsalName } from './rehearsal-name.ts';
import { describeStrayError } from './stray-error.ts';

/** The part of a terminal that is needed here. */
export interface Output {
  isTTY?: boolean;
  columns?: number;
  write(text: string): unknown;
}

const beatMs = 1000;
/** From then on, a terminal shows how long a step has taken. */
const longStepMs = 5000;

interface RunningStep {
  test: TestCase;
  startedAt: number;
  doing: string;
  nextLineMs: number;
}

/**
 * Shows the steps as they go by: a line for each that has ended; on a terminal also what the running one is doing,
 * elsewhere a sign of life now and then.
 */
export class ProgressReporter implements Reporter {
  readonly #output: Output;
  readonly #running = new Map<string, RunningStep>();
  #heartbeat: NodeJS.Timeout | null = null;

  constructor(output: Output) {
    this.#output = output;
  }

  onTestModuleStart(module: TestModule): void {
    this.#print(`\n  ${styleText('bold', rehearsalName(module.moduleId))}\n\n`);
  }

  onTestCaseReady(test: TestCase): void {
    this.#running.set(test.id, { test, startedAt: performance.now(), doing: '', nextLineMs: nextLineMs(0) });
    this.#heartbeat ??= setInterval(() => {
      this.#showSignOfLife();
    }, beatMs).unref();
    this.#showRunning();
  }

  onTestCaseAnnotate(test: TestCase, { message, type }: { message: string; type: string }): void {
    if (type === 'lasting') {
      this.#print(styleText('dim', `    ${printable(message)}\n`));
      return;
    }
    const running = this.#running.get(test.id);
    if (running !== undefined) running.doing = message;
    this.#showRunning();
  }

  onTestCaseResult(test: TestCase): void {
    this.#running.delete(test.id);
    const { state, errors = [] } = test.result();
    if (state === 'skipped') {
      this.#print(styleText('dim', `  - ${test.name}\n`));
      return;
    }
    const meta = test.meta().step;
    const mark = state === 'passed' ? styleText('green', '✔') : styleText('red', '✖');
    const took = meta === undefined ? '' : prettyMilliseconds(Math.round(meta.durationMs));
    const name = `  ${mark} ${test.name.padEnd(32)}  ${styleText('dim', took.padStart(7))}  `;
    const summary = wrap(printable(meta?.contribution.summary ?? ''), this.#columns(), { first: 0, hanging: 47 });
    this.#print(`${name}${summary}`.trimEnd() + '\n');
    // Findings are in the summary; what stands here is why a step could not do its work.
    const message = meta === undefined ? errors.map((error) => error.message).join('\n') : meta.error?.message;
    if (message !== undefined && message !== '') this.#print(`${this.#indent(message)}\n`);
  }

  onTestModuleEnd(module: TestModule): void {
    for (const { message } of module.errors()) this.#print(`${styleText('red', this.#indent(message))}\n`);
  }

  onTestRunEnd(_modules: unknown, strayErrors: readonly { message: string }[], reason: TestRunEndReason): void {
    if (reason !== 'interrupted') {
      for (const error of strayErrors) this.#print(`${styleText('red', this.#indent(describeStrayError(error)))}\n`);
    }
    if (this.#heartbeat !== null) clearInterval(this.#heartbeat);
    this.#clearLine();
  }

  #showRunning(): void {
    if (this.#output.isTTY !== true) return;
    const doing = [...this.#running.values()].map(({ test, startedAt, doing: what }) => {
      const since = performance.now() - startedAt;
      const took = since < longStepMs ? '' : ` ${prettyMilliseconds(since, { secondsDecimalDigits: 0 })}`;
      return `${test.name}${took}${what === '' ? '' : `: ${what}`}`;
    });
    const line = shorten(oneLine(`  … ${doing.join(' | ')}`), (this.#columns() ?? 80) - 1);
    this.#clearLine();
    if (doing.length > 0) this.#output.write(styleText('dim', line));
  }

  #showSignOfLife(): void {
    if (this.#output.isTTY === true) {
      this.#showRunning();
      return;
    }
    for (const running of this.#running.values()) {
      const since = performance.now() - running.startedAt;
      if (since < running.nextLineMs) continue;
      running.nextLineMs = nextLineMs(since);
      const { test, doing } = running;
      const took = prettyMilliseconds(since, { secondsDecimalDigits: 0 });
      this.#print(styleText('dim', `    ${test.name}: ${took} so far${doing === '' ? '' : ` (${oneLine(doing)})`}\n`));
    }
  }

  #print(text: string): void {
    this.#clearLine();
    this.#output.write(text);
    this.#showRunning();
  }

  /** Some terminals do not know how wide they are, and say 0. */
  #columns(): number | null {
    return this.#output.isTTY === true ? this.#output.columns || 80 : null;
  }

  #indent(message: string): string {
    return wrap(printable(message), this.#columns(), { first: 6, hanging: 6 });
  }

  #clearLine(): void {
    if (this.#output.isTTY === true) this.#output.write('\r\u001b[2K');
  }
}

/** Of one line; no word is cut that is not too long for it. */
function shorten(text: string, columns: number): string {
  if (text.length <= columns) return text;
  const cut = text.slice(0, columns - 2);
  const end = cut.lastIndexOf(' ');
  return `${cut.slice(0, end > columns / 2 ? end : cut.length)} …`;
}
