import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './place.ts';

interface Manifest {
  version: string;
  homepage?: string;
}

/** Of this harness. */
export function version(): string {
  return readManifest().version;
}

/** Where this harness is at home on the web, as its package says it; null where that says nothing. */
export function ownHomepage(): string | null {
  return readManifest().homepage ?? null;
}

function readManifest(): Manifest {
  return JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Manifest;
}
