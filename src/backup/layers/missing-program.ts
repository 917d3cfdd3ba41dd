import { OperationalError } from '../../system/operational-error.ts';

/** Says of a program that is not there what it is needed for, and which package brings it. To be given to `catch`. */
export function explainMissing(program: string, debian: string): (error: unknown) => never {
  return (error) => {
    if (!(error instanceof OperationalError) || error.code !== 'TOOL_NOT_STARTED') throw error;
    const message = `The dump is packed with ${program}, and there is no program ${program} here. Install it: apt-get install ${debian}.`;
    throw new OperationalError('TOOL_NOT_STARTED', message, { cause: error });
  };
}
