import { typed } from '../../terminal/suggest.ts';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { styleText } from 'node:util';
import { findRun } from '../../evidence/ledger/find-run.ts';
import { hashOf, isRun, type RunLine } from '../../evidence/ledger/line.ts';
import { notesOn } from '../../evidence/notes.ts';
import { parseEvidence } from '../../evidence/parse.ts';
import { claimedKey } from '../../evidence/signed-by.ts';
import { renderMarkdown } from '../../evidence/sinks/markdown.ts';
import { renderNotes } from '../../evidence/sinks/markdown-notes.ts';
import { OperationalError } from '../../system/operational-error.ts';
import { nearby } from '../../terminal/nearby.ts';
import { renderForTerminal } from '../../terminal/render-markdown.ts';
import { defineCommand } from '../command.ts';
import { warnApart } from '../say.ts';
import { findReports, oneRun, readLedgerOf, reportsFlags } from './reports.ts';

export const flags = reportsFlags;

/** Shows the evidence of one run, with the notes on it. */
export const showCommand = defineCommand({
  name: 'evidence show',
  usage: 'ID [flags]',
  about: ['Shows the evidence of one run at the terminal, with the notes on it.'],
  names: `the run: its id, the start of it, or its directory; ${typed('evidence list')} shows them`,
  flags,
  notes: [],
  exitStatus: '0 shown; 1 shown, and it is not as it was written; 2 there is no such run, or it cannot be read.',

  async run(options, names) {
    const word = oneRun(names, 'show');
    const reports = await findReports(options, []);
    const { lines } = await readLedgerOf(reports);
    const run = findRun(lines.filter(isRun), word);
    const { markdown, isChanged } = await readRun(reports, run);
    const notes = renderNotes(notesOn(lines, run.id));
    console.log(renderForTerminal(`${markdown}\n${notes}`, process.stdout.isTTY ? process.stdout.columns || 80 : null));
    console.log(styleText('dim', `  ${nearby(join(reports, run.directory))}, line ${run.number} of the ledger`));
    if (!isChanged) return 'done';
    warnApart(
      `evidence.json was changed: its SHA-256 is not the one of line ${run.number}. What stands above is not what the run wrote.`,
    );
    return 'not-verified';
  },
});

async function readRun(reports: string, { directory, files }: RunLine) {
  const path = join(reports, directory, 'evidence.json');
  const bytes = await readFile(path).catch((error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error);
    throw new OperationalError('BAD_USAGE', `${nearby(path)} cannot be read: ${reason}`, { cause: error });
  });
  const evidence = parseEvidence(bytes);
  if (evidence === null) throw new OperationalError('BAD_USAGE', `${nearby(path)} does not keep to its schema.`);
  const bundle = await readFile(join(reports, directory, 'evidence.intoto.json'), 'utf8').catch(() => '');
  return {
    markdown: renderMarkdown(evidence, claimedKey(bundle)),
    isChanged: hashOf(bytes) !== files['evidence.json'],
  };
}
