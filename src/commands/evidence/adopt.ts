import { adoptEvidence } from '../../evidence/ledger/adopt.ts';
import { count } from '../../terminal/count.ts';
import { nearby } from '../../terminal/nearby.ts';
import { printable } from '../../terminal/printable.ts';
import { defineCommand } from '../command.ts';
import { say, sayHeading, warnApart } from '../say.ts';
import { findReports, reportsFlags } from './reports.ts';

export const flags = reportsFlags;

/** Takes evidence into the ledger that is in none of its lines. */
export const adoptCommand = defineCommand({
  name: 'evidence adopt',
  usage: '[DIRECTORY]',
  about: [
    'Takes evidence into the ledger that is in none of its lines: from before there was a ledger, or of a run that was killed before it could write its line. From then on it cannot be changed unseen. It is marked as adopted, for nothing says what was there besides it.',
  ],
  names: 'the directory; default: that of the profile',
  flags,
  notes: [],
  exitStatus: '0 done, 2 not.',

  async run(options, names) {
    const reports = await findReports(options, names);
    sayHeading('restore-rehearsal evidence adopt', `${nearby(reports)}\n`);
    const { adopted, passedOver, cutBytes, end } = await adoptEvidence(reports);
    for (const directory of adopted) console.log(`  adopted ${printable(directory)}`);
    if (cutBytes > 0) say(`removed ${cutBytes} bytes of a line whose writer was killed`);
    for (const reason of passedOver) warnApart(`Passed over ${reason}.`);
    console.log(`  ${adopted.length} adopted; the ledger has ${count(end.lines, 'line')}`);
    if (end.head !== null) console.log(`    head  ${end.head}`);
    return passedOver.length === 0 ? 'done' : 'could-not-run';
  },
});
