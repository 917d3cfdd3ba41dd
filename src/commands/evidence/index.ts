import { writeHistory } from '../../evidence/history/write-history.ts';
import { count } from '../../terminal/count.ts';
import { nearby } from '../../terminal/nearby.ts';
import { defineCommand } from '../command.ts';
import { sayHeading } from '../say.ts';
import { findReports, reportsFlags } from './reports.ts';

export const flags = reportsFlags;

/** Makes the page of the history anew. */
export const indexCommand = defineCommand({
  name: 'evidence index',
  usage: '[DIRECTORY]',
  about: [
    'Makes index.html anew, the page with the history of all runs, as every run does. Of use after evidence was copied, removed or adopted.',
  ],
  names: 'the directory; default: that of the profile',
  flags,
  notes: [],
  exitStatus: '0 made, 2 not.',

  async run(options, names) {
    const reports = await findReports(options, names);
    sayHeading('restore-rehearsal evidence index', `${nearby(reports)}\n`);
    const { file, runs } = await writeHistory(reports);
    console.log(`  ${count(runs, 'run')} in ${nearby(file)}`);
    return 'done';
  },
});
