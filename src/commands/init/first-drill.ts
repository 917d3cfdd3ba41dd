import type { Plan } from '../../init/plan.ts';
import { combineVerdicts } from '../../evidence/verdict.ts';
import { interruption } from '../../system/interruption.ts';
import type { Command, CommandOutcome, Options } from '../command.ts';
import type { FlagTable } from '../flags.ts';
import { readOptions } from '../read-options.ts';
import { complain, sayInterrupted } from '../say.ts';
import type { Live } from './ask-live.ts';

/** What the first drill takes from the flags of init. */
interface Chosen {
  config: string;
  engine: string | null;
  image: string | null;
}

/**
 * Examines this machine, takes a first backup where there is a live database, and rehearses it; else the newest dump that lies there.
 */
export async function firstDrill(plan: Plan, chosen: Chosen, { choice, answer }: Live): Promise<CommandOutcome> {
  console.log();
  if ((await examine(chosen)) !== 'done') return 'could-not-run';
  const { backUp, backupCommand } = await import('../backup.ts');
  const { rehearse, rehearseCommand } = await import('../rehearse.ts');
  let signal: AbortSignal | null = null;
  const interruptible = () => (signal ??= interruption(sayInterrupted('removing what was started')));
  let taken: string | null = null;
  if (answer !== null) {
    const taking = asTyped(backupCommand, ['--config', chosen.config]);
    // The password of an address that was typed is in no file.
    const { set } = await backUp({ ...taking, url: choice.url }, interruptible);
    taken = set.dump;
  } else if (plan.dumps === null) {
    complain('There is nothing to rehearse yet: neither a live database that can be read, nor a dump.');
    return 'could-not-run';
  }
  console.log();
  // What another tool takes is found as it will be every night: by the profile.
  const backup = taken === null ? [] : ['--backup', taken];
  const given = ['--config', chosen.config, ...backup, ...engineFlags(chosen)];
  const rehearsing = asTyped(rehearseCommand, given);
  const outcomes = await rehearse(rehearsing, ['latest-backup'], { interruptible });
  return combineVerdicts(outcomes.map(({ evidence }) => evidence.verdict));
}

async function examine(chosen: Chosen): Promise<CommandOutcome> {
  const { doctorCommand } = await import('../doctor.ts');
  return doctorCommand.run(asTyped(doctorCommand, ['--config', chosen.config, ...engineFlags(chosen)]), []);
}

/** The options of another command, as its flags give them: variables were read with the flags of init. */
function asTyped<Flags extends FlagTable>(command: Command<Flags>, argv: string[]): Options<Flags> {
  const request = readOptions(command, argv, {});
  if (request === null) throw new Error(`The flags of ${command.name} ask for its help.`);
  return request.options;
}

function engineFlags({ engine, image }: Chosen): string[] {
  return [...(engine === null ? [] : ['--engine', engine]), ...(image === null ? [] : ['--image', image])];
}
