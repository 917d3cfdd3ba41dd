import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ProgressLine } from './progress-line.ts';

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

/** What is written within a time, while the work gets on by one a second. */
function write(terminal: { isTTY?: boolean; columns?: number }, forMs: number, text = (done: number) => `${done} MB`) {
  const written: string[] = [];
  const startedAt = Date.now();
  const output = { ...terminal, write: (part: string) => written.push(part) };
  const line = new ProgressLine(output, () => text((Date.now() - startedAt) / 1000));
  vi.advanceTimersByTime(forMs);
  line[Symbol.dispose]();
  vi.advanceTimersByTime(60_000);
  return written;
}

test('on a terminal it is one line, which goes at the end', () => {
  expect(write({ isTTY: true }, 450)).toEqual(['0.2 MB', '\r\u001b[K', '0.4 MB', '\r\u001b[K']);
});

test('on a terminal it never wraps, and holds no escape sequence of a name', () => {
  const [line] = write({ isTTY: true, columns: 30 }, 200, () => `table \u001b[2J\n${'x'.repeat(99)}`);
  expect(line).toBe(`table \uFFFD[2J ${'x'.repeat(18)}`);
});

test('elsewhere there is a line after 10 and 30 seconds and then each minute, also while nothing moves', () => {
  expect(write({}, 121_000, () => 'waiting')).toEqual(Array(4).fill('waiting\n'));
  expect(write({}, 31_000)).toEqual(['10 MB\n', '30 MB\n']);
  expect(write({}, 9000)).toEqual([]);
});
