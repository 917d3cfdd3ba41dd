import ms from 'ms';

/** Milliseconds of `30s`, `60m`, `24h` or `7d`; null for what is no duration. Pure. */
export function parseDuration(text: string): number | null {
  // Without a unit, ms would take a number for milliseconds.
  const value = /^[\d.]+ *[a-z]{1,12}$/i.test(text) ? Math.round(ms(text as ms.StringValue)) : NaN;
  return Number.isSafeInteger(value) && value > 0 ? value : null;
}
