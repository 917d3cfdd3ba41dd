import { OperationalError } from '../../system/operational-error.ts';
import { redact } from '../../system/redact.ts';
import { runProgram } from '../../system/run-program.ts';
import { parseList } from './parse-list.ts';
import type { Listed, ListingOptions } from './listed.ts';

/** An inventory may be asked for over a network. */
const timeoutMs = 5 * 60_000;

/** @throws OperationalError PROFILE_INVALID, and what running a program throws */
export async function listByCommand({ inventory, directory, environment }: ListingOptions): Promise<Listed> {
  const [file = '', ...args] = inventory.command ?? [];
  const env = environment.commands;
  const { exitCode, stdout, stderr } = await runProgram({ file, args, env, cwd: directory, timeoutMs });
  if (exitCode === 0)
    return { list: await parseList(stdout, `what ${file} prints`), from: `what ${file} prints`, leftOut: [] };
  const said = redact(stderr.trim().split('\n').at(-1) ?? '');
  const message = `${file}, which is to print the list of databases, ended with status ${exitCode}: ${said}`;
  throw new OperationalError('PROFILE_INVALID', message);
}
