import { closest } from 'fastest-levenshtein';
import { version } from '../system/version.ts';
import { OperationalError } from '../system/operational-error.ts';
import { redact } from '../system/redact.ts';
import { typed } from '../terminal/suggest.ts';
import { wrap } from '../terminal/wrap.ts';
import { briefs } from './briefs.ts';
import type { ScriptName } from './choose-command.ts';
import { endWith } from './end-with.ts';
import { screen } from './rehearse/screen.ts';

/** The package's one program: its first word is the command. */
export async function runMain([word = '--help', ...rest]: string[]): Promise<void> {
  if (isScript(word)) return (await import('./run-command.ts')).runCommand(word, rest);
  await endWith(() => {
    if (['--version', '-V', 'version'].includes(word)) console.log(version());
    else if (['--help', '-h', 'help'].includes(word)) console.log(mainHelp(screen().columns));
    else throw unknownCommand(word);
    return Promise.resolve('done');
  });
}

/** Pure. */
export function mainHelp(columns: number | null): string {
  const width = Math.max(...Object.keys(briefs).map((name) => name.length)) + 4;
  const lines = Object.entries(briefs).map(([name, brief]) =>
    wrap(`${`  ${name}`.padEnd(width)}${brief}`, columns, { first: 0, hanging: width }),
  );
  return `Usage: ${typed('COMMAND')} [flags]

Proves that a PostgreSQL backup restores, and writes evidence of it.

Commands:
${lines.join('\n')}

Each has flags of its own: ${typed('COMMAND')} --help

  -V, --version  the version of restore-rehearsal
  -h, --help     this text`;
}

function unknownCommand(word: string): OperationalError {
  const known = Object.keys(briefs);
  const problem = word.startsWith('-')
    ? `${redact(word)} stands before any command: the command comes first.`
    : `There is no command "${redact(word)}"; did you mean ${closest(word, known)}?`;
  return new OperationalError('BAD_USAGE', `${problem} All there are: ${known.join(', ')}. Try: ${typed('--help')}`);
}

function isScript(word: string): word is ScriptName {
  return Object.hasOwn(briefs, word);
}
