import { TestRunner } from 'vitest';
import { importRehearsal } from './import-rehearsal.ts';

/** Vitest's own runner, without Vite: Node.js loads rehearsals. */
export default class RehearsalRunner extends TestRunner {
  override importFile(file: string): Promise<unknown> {
    return importRehearsal(file);
  }
}
