import { readFileSync } from 'node:fs';

/** The style sheets of this directory, one after the other. Their comments are for us. */
export function readStyle(...names: string[]): string {
  return names
    .map((name) => readFileSync(new URL(name, import.meta.url), 'utf8'))
    .join('\n')
    .replace(/\/\*[^]*?\*\//g, '')
    .replace(/\s*\n\s*/g, '\n')
    .trim();
}
