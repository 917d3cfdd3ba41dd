/** `npm run docs`: writes those pages of docs/ anew that follow from the code. */
import { parseArgs } from 'node:util';
import { writePages } from './docs/pages.ts';

const help = `Usage: npm run docs

Writes docs/profile.md, docs/commands.md and docs/findings.md anew: to be run after keys of the profile, flags or rules have changed.`;

try {
  const { values } = parseArgs({ options: { help: { type: 'boolean', short: 'h', default: false } } });
  if (values.help) console.log(help);
  else await writePages();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}
