/** `npm run evidence-schema`: writes docs/evidence.schema.json anew after the evidence has changed. */
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { evidenceJsonSchema } from '../src/evidence/schema.ts';

const help = `Usage: npm run evidence-schema

Writes docs/evidence.schema.json anew: to be run after the evidence has changed.`;

try {
  const { values } = parseArgs({ options: { help: { type: 'boolean', short: 'h', default: false } } });
  if (values.help) console.log(help);
  else await write();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}

async function write(): Promise<void> {
  const file = new URL('../docs/evidence.schema.json', import.meta.url);
  await writeFile(file, `${JSON.stringify(evidenceJsonSchema(), null, 2)}\n`);
}
