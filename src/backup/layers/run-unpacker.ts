import { runProgram, type CommandResult, type Program } from '../../system/run-program.ts';
import type { LayerLimits } from './layer.ts';
import { explainMissing } from './missing-program.ts';

/** Runs a program that lists or unpacks an archive of files. It says what it says in English. */
export function runUnpacker(
  program: { file: string; debian: string },
  call: Pick<Program, 'args' | 'consumeStdout' | 'stdinFile' | 'editStdin' | 'cwd'>,
  { path, ...limits }: LayerLimits,
): Promise<CommandResult> {
  // Names in another encoding than the machine's would come out changed with LC_ALL=C.
  const env = { PATH: path, LC_ALL: 'C.UTF-8' };
  return runProgram({ file: program.file, env, ...call, ...limits }).catch(
    explainMissing(program.file, program.debian),
  );
}
