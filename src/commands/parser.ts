import { Command as Parser, Option } from 'commander';
import { commandLine, flagName } from '../terminal/suggest.ts';
import type { Command } from './command.ts';
import { variableOf } from './flags.ts';

export const helpWidth = 90;

/** The command for commander, which parses its arguments and writes its help. */
export function parserOf(command: Command): Parser {
  const parser = new Parser(commandLine(command))
    .usage(command.usage ?? (command.names === undefined ? '[flags]' : '[NAME…] [flags]'))
    .description(command.about.join('\n\n'))
    .configureHelp({
      helpWidth,
      optionTerm: ({ flags }) => flags.replaceAll(/[<>]/g, ''),
      argumentTerm: () => 'NAME…',
      styleTitle: (title) => (title === 'Options:' ? 'Flags:' : title),
    })
    .helpOption(false);
  if (command.names !== undefined) parser.argument('[NAME...]', command.names);
  for (const [key, { value, help, repeated = false }] of Object.entries(command.flags)) {
    const option = new Option(`${flagName(key)}${value === null ? '' : ` <${value}>`}`, help);
    // To commander, --no-drill would be the opposite of --drill.
    option.negate = false;
    if (repeated) option.argParser((given: string, before: string[] | undefined) => [...(before ?? []), given]);
    parser.addOption(option);
  }
  parser.option('-h, --help', 'this text');
  const wrap = (text: string) => parser.createHelp().boxWrap(text, helpWidth);
  return parser.addHelpText('after', `\n${notesOf(command).map(wrap).join('\n\n')}`);
}

function notesOf({ flags, notes, exitStatus }: Command): string[] {
  const withVariable = Object.keys(flags).filter((key) => flags[key]?.onlyTyped !== true);
  const variables = withVariable.slice(0, 2).map(variableOf).join(', ');
  const [first = '', ...rest] = notes;
  const start = variables === '' ? first : `Every flag has a variable: ${variables}, … ${first}`.trimEnd();
  return [...[start, ...rest].filter((note) => note !== ''), `Exit status: ${exitStatus}`];
}
