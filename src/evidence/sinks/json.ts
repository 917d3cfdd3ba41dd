import type { Evidence } from '../schema.ts';
import type { FileSink } from './sink.ts';

/** The evidence itself, for programs. */
export const json: FileSink = { file: 'evidence.json', render: renderJson };

/** The bytes that are hashed and signed. Pure. */
export function renderJson(evidence: Evidence): string {
  return `${JSON.stringify(evidence, wellFormed, 2)}\n`;
}

/** Half of a character, as where a text was cut, is none: canonical JSON, which is signed, has no form for it. */
function wellFormed(_key: string, value: unknown): unknown {
  return typeof value === 'string' ? value.replace(/\p{Surrogate}/gu, '\uFFFD') : value;
}
