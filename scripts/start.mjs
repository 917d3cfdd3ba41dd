/** `node scripts/start.mjs NAME [ARGUMENT…]` runs the command in scripts/NAME.ts, as `npm run NAME` does. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { compiled } from './compiled.mjs';
import { runInFrame } from './frame.mjs';

const [node = '', , name = '', ...rest] = process.argv;
process.argv = [node, `${import.meta.dirname}/${name}.ts`, ...rest];

await runInFrame(async () => {
  const url = await compiled(name);
  // Node.js 20 cannot run TypeScript.
  if (url === null) await loadTsx();
  await import(url ?? `./${name}.ts`);
}, 'Run npm ci and start again.');

/** It looks for how pages are written (JSX) in the directory of the person. */
async function loadTsx() {
  const file = join(import.meta.dirname, '..', 'tsconfig.json');
  if (existsSync(file)) process.env.TSX_TSCONFIG_PATH ??= file;
  await import('tsx');
}
