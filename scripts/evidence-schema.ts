/** `npm run evidence-schema`: writes docs/evidence.schema.json anew after the evidence has changed. */
import { writeFile } from 'node:fs/promises';
import { evidenceJsonSchema } from '../src/evidence/schema.ts';

const file = new URL('../docs/evidence.schema.json', import.meta.url);
await writeFile(file, `${JSON.stringify(evidenceJsonSchema(), null, 2)}\n`);
