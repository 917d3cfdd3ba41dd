/** What stands in place of what must not be shown. */
export const mask = '…';

/** Takes secrets out of a text: the given ones wherever they stand, the password of any URL, and what follows `password=`. Pure. */
export function redact(text: string, secrets: Iterable<string> = []): string {
  let result = text;
  // The longest first: one that holds another would otherwise stay in part.
  for (const secret of [...secrets].toSorted((a, b) => b.length - a.length)) {
    if (secret === '') continue;
    result = result.replaceAll(secret, mask).replaceAll(encodeURIComponent(secret), mask);
  }
  return result
    .replace(/(\b[a-z][a-z0-9+.-]*:\/\/[^\s/:@]*):(?:[^\s/]+|(?!\d+\/)\S+)@/gi, `$1:${mask}@`)
    .replace(/((?:\b|PG|ssl)password\s*=\s*)(?:'(?:\\.|[^'\\])*'|[^\s&'"]+)/gi, `$1${mask}`);
}
