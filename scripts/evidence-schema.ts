/** `npm run evidence-schema`: writes the JSON Schemas of docs/ anew after evidence, or plans, have changed. */
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { evidenceJsonSchema } from '../src/evidence/schema.ts';
import { planJsonSchema } from '../src/fleet/plan.ts';

const help = `Usage: npm run evidence-schema

Writes docs/evidence.schema.json and docs/plan.schema.json anew: to be run after evidence, or plans, have changed.`;

try {
  const { values } = parseArgs({ options: { help: { type: 'boolean', short: 'h', default: false } } });
  if (values.help) console.log(help);
  else await write();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}

async function write(): Promise<void> {
  const schemas = { evidence: evidenceJsonSchema(), plan: planJsonSchema() };
  for (const [name, schema] of Object.entries(schemas)) {
    const file = new URL(`../docs/${name}.schema.json`, import.meta.url);
    await writeFile(file, `${JSON.stringify(schema, null, 2)}\n`);
  }
}
