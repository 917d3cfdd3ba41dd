import { styleText } from 'node:util';
import { isNote, isRun, type RunLine } from '../../evidence/ledger/line.ts';
import { startedAt } from '../../evidence/ledger/started-at.ts';
import { verdictSchema } from '../../evidence/schema.ts';
import { colourVerdict } from '../../evidence/sinks/terminal.ts';
import { count } from '../../terminal/count.ts';
import { nearby } from '../../terminal/nearby.ts';
import { oneLine } from '../../terminal/one-line.ts';
import { defineCommand, type Options } from '../command.ts';
import { toggle, typedChoice, typedText } from '../flags.ts';
import { sayHeading, warnApart } from '../say.ts';
import { findReports, readLedgerOf, reportsFlags } from './reports.ts';

export const flags = {
  database: typedText('NAME', 'only of this database'),
  rehearsal: typedText('NAME', 'only of this rehearsal'),
  verdict: typedChoice(verdictSchema.options, 'VERDICT', 'only verified, not-verified or could-not-run'),
  json: toggle('for programs: the lines of the ledger as JSON, and the notes on each'),
  ...reportsFlags,
};

/** Lists the runs that the ledger has. */
export const listCommand = defineCommand({
  name: 'evidence list',
  usage: '[DIRECTORY] [flags]',
  about: [
    'Lists the runs of the ledger, the newest last: the start of its id, when it started (UTC), what came of it.',
  ],
  names: 'the directory; default: that of the profile',
  flags,
  notes: [],
  exitStatus: '0 listed, also where none is as asked for; 1 the ledger was changed; 2 there is no ledger.',

  async run(options, names) {
    const reports = await findReports(options, names);
    const { lines, problem } = await readLedgerOf(reports);
    const all = lines.filter(isRun);
    const runs = all.filter(chosenBy(options)).map((line) => {
      const notes = lines.filter(isNote).filter(({ about }) => about === line.id);
      return { ...line, startedAt: startedAt(line).toISOString(), notes };
    });
    if (options.json) console.log(JSON.stringify(runs, null, 2));
    else {
      sayHeading('restore-rehearsal evidence list', `${nearby(reports)}\n`);
      const digits = shortestId(all);
      for (const run of runs) console.log(lineOf(run, digits));
      console.log(`\n  ${count(runs.length, 'run')}${runs.length === all.length ? '' : ` of ${all.length}`}`);
      if (problem !== null) warnApart(problem.message);
    }
    return problem === null || problem.code === 'LINE_CUT' ? 'done' : 'not-verified';
  },
});

function chosenBy({ database, rehearsal, verdict }: Options<typeof flags>): (line: RunLine) => boolean {
  return (line) =>
    (database === null || line.database === database) &&
    (rehearsal === null || line.rehearsal === rehearsal) &&
    (verdict === null || line.verdict === verdict);
}

type Listed = RunLine & { startedAt: string; notes: object[] };

function lineOf({ id, startedAt: start, verdict, rehearsal, database, kind, notes }: Listed, digits: number): string {
  const padding = ' '.repeat('could-not-run'.length - verdict.length);
  const what = oneLine(`${rehearsal}${database === null ? '' : ` of ${database}`}`);
  const more = [
    ...(kind === 'adopted' ? ['adopted'] : []),
    ...(notes.length === 0 ? [] : [count(notes.length, 'note')]),
  ];
  const when = start.slice(0, 16).replace('T', ' ');
  return `  ${id.slice(0, digits)}  ${when}  ${colourVerdict(verdict)}${padding}  ${what}${styleText('dim', more.map((word) => `, ${word}`).join(''))}`;
}

/** How much of an id tells each from the others. */
function shortestId(runs: RunLine[]): number {
  const lengths = [8, 13, 18, 23];
  return lengths.find((length) => new Set(runs.map(({ id }) => id.slice(0, length))).size === runs.length) ?? 36;
}
