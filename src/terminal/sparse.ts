const firstMs = [10_000, 30_000];
const laterMs = 60_000;

/**
 * When long work says next how far it has come, where each time is a line that stays: after 10 and 30 seconds, then each minute. Pure.
 * @param afterMs since the work began
 */
export function nextLineMs(afterMs: number): number {
  return firstMs.find((ms) => ms > afterMs) ?? (Math.floor(afterMs / laterMs) + 1) * laterMs;
}
