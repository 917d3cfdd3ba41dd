/** Lines for a shell. */
export function Commands({ label, lines }: { label: string; lines: string[] }) {
  return (
    <pre class="commands" tabIndex={0} role="region" aria-label={label}>
      <code>{lines.join('\n')}</code>
    </pre>
  );
}

/** One word for a shell, whatever is in it. Pure. */
export function quoteForShell(text: string): string {
  return /^[\w./:@%+-]+$/.test(text) && !text.startsWith('-') ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
