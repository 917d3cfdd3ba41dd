import { finished } from 'node:stream/promises';
import { OperationalError } from '../system/operational-error.ts';
import { redact } from '../system/redact.ts';
import { withoutRows } from '../system/without-rows.ts';
import { assertStartedHere, type DisposableTools } from './disposable.ts';
import type { ToolLimits, ToolTarget } from './tool.ts';

/**
 * Runs a SQL file with psql, which stops at the first error.
 * @param onBytes is told how much of the file psql has taken so far
 * @throws OperationalError SEED_FAILED with file, line and the server's message; what running a tool throws
 */
export async function runSqlFile(
  runner: DisposableTools,
  target: ToolTarget,
  file: string,
  limits: ToolLimits,
  onBytes: (taken: number) => void = () => undefined,
): Promise<void> {
  assertStartedHere(runner.admin);
  const { exitCode, stderr } = await runner.runTool({
    tool: 'psql',
    // Terse messages leave out the DETAIL lines, which quote rows.
    args: ['--no-psqlrc', '--quiet', '--set=ON_ERROR_STOP=1', '--set=VERBOSITY=terse', '--file=-'],
    ...target,
    ...limits,
    stdinFile: file,
    editStdin: (source) => countBytes(source, onBytes),
    // What a seed selects may be rows: it is not kept.
    consumeStdout: (source) => finished(source.resume()),
  });
  if (exitCode === 0) return;
  const message = redact(withoutRows(stderr), [target.password]).trim();
  throw new OperationalError('SEED_FAILED', `${locateError(file, message)}\nMend the seed file and start again.`);
}

async function* countBytes(source: AsyncIterable<Buffer>, onBytes: (taken: number) => void) {
  let taken = 0;
  for await (const chunk of source) {
    yield chunk;
    taken += chunk.length;
    onBytes(taken);
  }
}

/** Puts the file's name where psql, reading standard input, writes `psql:<stdin>:LINE:`. */
function locateError(file: string, message: string): string {
  const error = /psql:<stdin>:(\d+): (ERROR: .*)/.exec(message);
  if (error === null) return `The seed file ${file} failed: ${message}`;
  return `${file}:${error[1] ?? '?'}: ${error[2] ?? ''}`;
}
