import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Reporter } from 'vitest/node';
import type { Outcome } from '../../evidence/outcome.ts';
import { OperationalError } from '../../system/operational-error.ts';

/** Vitest's own reporters, for other machines. What they are is loaded with Vitest, and only where it is asked for. */

/**
 * Empties the file: what an earlier run has left must not pass for what comes of this one, should that not get so far.
 * @throws OperationalError BAD_USAGE
 */
export async function clearJunit(file: string): Promise<void> {
  try {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, '');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const message = `The report for JUnit cannot be written to ${file}: ${reason}. Nothing was rehearsed. Name another file with --junit, or let this account write there.`;
    throw new OperationalError('BAD_USAGE', message, { cause: error });
  }
}

export async function junitReporter(file: string, finished: Promise<readonly Outcome[]>): Promise<Reporter> {
  const { VerdictJUnitReporter } = await import('../../evidence/junit.ts');
  return new VerdictJUnitReporter(file, finished);
}

export async function annotationReporter(finished: Promise<readonly Outcome[]>): Promise<Reporter> {
  const { AnnotationReporter } = await import('../../evidence/annotations.ts');
  return new AnnotationReporter(finished);
}
