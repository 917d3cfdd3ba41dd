#!/usr/bin/env node
/** `restore-rehearsal COMMAND [ARGUMENT…]`, as the package has it. */
import { runInFrame } from '../frame.mjs';

await runInFrame(async () => {
  const { runMain } = await import('../../src/commands/main.ts');
  await runMain(process.argv.slice(2));
}, 'Install restore-rehearsal again.');
