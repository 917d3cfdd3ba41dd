import { styleText } from 'node:util';
import { verifyLedger, type VerifiedLedger } from '../../evidence/ledger/verify.ts';
import { count } from '../../terminal/count.ts';
import { nearby } from '../../terminal/nearby.ts';
import { printable } from '../../terminal/printable.ts';
import { defineCommand, type CommandOutcome } from '../command.ts';
import { hash } from '../flags.ts';
import { sayHeading } from '../say.ts';
import { findReports, reportsFlags } from './reports.ts';

export const flags = {
  expectHead: hash('a head that was kept elsewhere, as every run prints it: the ledger has to have it still'),
  ...reportsFlags,
};

/** Recomputes all evidence of a directory, and names the first thing that is wrong. */
export const verifyCommand = defineCommand({
  name: 'evidence verify',
  usage: '[DIRECTORY] [--expect-head HASH]',
  about: [
    'Recomputes everything in a directory of evidence: the chain of its ledger, the SHA-256 of every file, the schema, and whether line and evidence say the same. It names the first thing that is wrong, and only reads.',
  ],
  names: 'the directory; default: that of the profile',
  flags,
  notes: [
    'Lines that were taken from the end cannot be missed by the ledger alone: keep the head that a run prints where whoever writes evidence cannot change it, and give it with --expect-head.',
  ],
  exitStatus: '0 all is as it was written, 1 something was changed, 2 there is no ledger.',

  async run({ expectHead, ...where }, names) {
    const reports = await findReports(where, names);
    sayHeading('restore-rehearsal evidence verify', `${nearby(reports)}\n`);
    return show(await verifyLedger(reports, { expectedHead: expectHead }));
  },
});

function show({ problem, lines, adopted, head }: VerifiedLedger): CommandOutcome {
  if (problem !== null) {
    console.log(`  ${styleText('red', problem.code)}  ${printable(problem.message)}`);
    return problem.code === 'LEDGER_MISSING' ? 'could-not-run' : 'not-verified';
  }
  const unchained = adopted === 0 ? '' : `, ${adopted} of them adopted: what was there besides them, nobody knows`;
  console.log(`  ${styleText('green', '✔')} ${count(lines, 'line')}, as they were written${unchained}`);
  console.log(`    head  ${head ?? ''}`);
  return 'verified';
}
