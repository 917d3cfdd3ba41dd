import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './place.ts';

/** Of this harness. */
export function version(): string {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  return manifest.version;
}
