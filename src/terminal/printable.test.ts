import { describe, expect, test } from 'vitest';
import { printable } from './printable.ts';

describe('a printable text', () => {
  test('keeps its lines, tabs and letters', () => {
    const text = 'Ж\t„x“ ✂ 👩‍🚀\nnext';
    expect(printable(text)).toBe(text);
  });

  test.for([
    ['an escape sequence', '\u001b[31mred'],
    ['a C1 escape', '\u009b31mred'],
    ['a carriage return', 'a\rb'],
    ['a backspace', 'a\bb'],
    ['a NUL', 'a\0b'],
    ['a bell', 'a\u0007b'],
    ['DEL', 'a\u007fb'],
    ['a line separator', 'a\u2028b'],
    ['a change of direction', 'a\u202eb'],
    ['an isolate', 'a\u2066b'],
    ['a direction mark', 'a\u200fb'],
  ] as const)('has no %s', ([, text]) => {
    const result = printable(text);
    expect(result).toContain('\uFFFD');
    expect(result).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/);
  });
});
