/** Lines that keep evidence and backups out of git, without those that are there. Pure. */
export function addIgnored(before: string, wanted: readonly string[]): string {
  const lines = new Set(before.split('\n').map((line) => normalise(line)));
  const missing = wanted.filter((line) => !lines.has(normalise(line)));
  if (missing.length === 0) return before;
  const start = before === '' || before.endsWith('\n') ? before : `${before}\n`;
  return `${start}${start === '' ? '' : '\n'}# restore-rehearsal: evidence and backups of this machine\n${missing.join('\n')}\n`;
}

/** `/reports`, `reports` and `reports/*` keep the same out. */
function normalise(line: string): string {
  return line
    .trim()
    .replace(/^\//, '')
    .replace(/\/?\*?$/, '');
}

/** A path as a pattern: nothing in it has a meaning. Pure. */
export function pattern(path: string): string {
  return `/${path.replace(/[\\*?[\]!# ]/g, '\\$&')}/`;
}
