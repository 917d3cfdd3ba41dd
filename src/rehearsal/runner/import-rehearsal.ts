import { existsSync } from 'node:fs';
import { register } from 'node:module';
import { basename, dirname, extname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { bundle, isPackage, root } from '../../system/place.ts';

/** Loads the file of a rehearsal: one of ours as it was compiled, anybody else's as TypeScript or JavaScript of its own. */
export async function importRehearsal(file: string): Promise<void> {
  const ours = compiledFile(file);
  if (ours === null) registerModuleHooks();
  await import(pathToFileURL(ours ?? file).href);
}

function compiledFile(file: string): string | null {
  if (bundle === null) return null;
  if (isPackage) return dirname(file) === join(root, 'dist/rehearsals') ? file : null;
  if (dirname(file) !== join(root, 'rehearsals')) return null;
  const compiled = join(bundle, 'rehearsals', `${basename(file, extname(file))}.mjs`);
  return existsSync(compiled) ? compiled : null;
}

let areHooksRegistered = false;

/**
 * Node.js 20 cannot run TypeScript. `restore-rehearsal` is these very modules, wherever the file is, and `vitest` the one that runs
 * it.
 */
function registerModuleHooks(): void {
  if (areHooksRegistered) return;
  areHooksRegistered = true;
  // Errors have the lines as they were written.
  process.setSourceMapsEnabled(true);
  const ours = { 'restore-rehearsal': ownModule(), vitest: import.meta.resolve('vitest') };
  const data = {
    ours,
    transform: import.meta.resolve('oxc-transform'),
    runtime: import.meta.resolve('@oxc-project/runtime/helpers/usingCtx'),
  };
  register('./module-hooks.mjs', import.meta.url, { data });
}

function ownModule(): string {
  const file = bundle === null ? join(root, 'src/index.ts') : join(bundle, isPackage ? 'index.js' : 'index.mjs');
  return pathToFileURL(file).href;
}
