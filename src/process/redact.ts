const mask = '…';

/** Takes secrets out of a text: the given ones wherever they stand, and the password of any URL. Pure. */
export function redact(text: string, secrets: Iterable<string> = []): string {
  let result = text;
  for (const secret of secrets) {
    if (secret === '') continue;
    result = result.replaceAll(secret, mask).replaceAll(encodeURIComponent(secret), mask);
  }
  return result.replace(/(\b[a-z][a-z0-9+.-]*:\/\/[^\s/:@]*):[^\s/@]+@/gi, `$1:${mask}@`);
}

/**
 * Takes rows of data out of what PostgreSQL's tools print: detail, context and statement lines go, and so do the
 * values that some primary messages quote. What is left names the object and the reason. Pure.
 */
export function withoutRows(text: string): string {
  const kept: string[] = [];
  let dropping = false;
  for (const line of text.split('\n')) {
    if (/^\s*(?:\S+: )?(DETAIL|CONTEXT|STATEMENT|QUERY|LINE \d+|Command was):?/.test(line)) dropping = true;
    else if (/^\S+: |^\S*(?:ERROR|FATAL|PANIC|WARNING|NOTICE|HINT):/.test(line)) dropping = false;
    if (!dropping) kept.push(line.replace(quotedValue, `$1"${mask}"`));
  }
  return kept.join('\n');
}

/** `invalid input syntax for type integer: "…"` and its kin: the value stands in quotes, behind a colon or in front of a verdict. */
const quotedValue =
  /((?:invalid input \S+(?: \S+)* for \S+(?: \S+)*|value out of range|malformed \S+ literal|invalid byte sequence for encoding "[^"]*"|value)(?:: | ))"(?:[^"]|"")*"(?! violates)/g;

/** Makes a text safe to print: no escape sequences or other control characters, which could come from the name of an object. Pure. */
export function printable(text: string): string {
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, '\uFFFD');
}
