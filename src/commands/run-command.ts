import { chooseCommand, helpOf, type ScriptName } from './choose-command.ts';
import type { CommandOutcome } from './command.ts';
import { endWith } from './end-with.ts';
import { parserOf } from './parser.ts';
import { readOptions } from './read-options.ts';

/**
 * Runs a command with the arguments and the environment of this process, and says its outcome with the exit status. What is
 * thrown here is a fault of ours; start.mjs reports it.
 */
export function runCommand(script: ScriptName, argv = process.argv.slice(2)): Promise<void> {
  return endWith(() => outcomeOf(script, argv));
}

async function outcomeOf(script: ScriptName, argv: string[]): Promise<CommandOutcome> {
  const chosen = await chooseCommand(script, argv);
  if (chosen === null) {
    console.log(await helpOf(script));
    return 'done';
  }
  const { command } = chosen;
  const request = readOptions(command, chosen.argv, process.env);
  if (request !== null) return command.run(request.options, request.names);
  parserOf(command).outputHelp();
  return 'done';
}
