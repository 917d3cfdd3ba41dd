import { typed } from '../../terminal/suggest.ts';
import { styleText } from 'node:util';
import type { Profile } from '../../config/profile.ts';
import type { Trust } from '../../evidence/ledger/trust.ts';
import { verifyLedger, type VerifiedLedger } from '../../evidence/ledger/verify.ts';
import { OperationalError } from '../../system/operational-error.ts';
import { count } from '../../terminal/count.ts';
import { nearby } from '../../terminal/nearby.ts';
import { printable } from '../../terminal/printable.ts';
import { defineCommand, type CommandOutcome, type Options } from '../command.ts';
import { hash, lineNumbers, paths, toggle } from '../flags.ts';
import { say, sayHeading } from '../say.ts';
import { periodFlags, readPeriod } from './period.ts';
import { findEvidence, reportsFlags } from './reports.ts';

export const flags = {
  key: paths('FILE', 'a public key (PEM) that is trusted; again for more. Default: evidence.signing.publicKey'),
  requireSignatures: toggle('every run has to be signed, also those before the first that is'),
  acceptUnsigned: lineNumbers('a run that is known to be unsigned, by the number of its line, or 3-7; again for more'),
  tsaCertificate: paths('FILE', 'certificates (PEM) of authorities for time stamps that are trusted; again for more'),
  requireTimestamps: toggle('every signed run has to be time-stamped'),
  expectHead: hash('a head that was kept elsewhere, as every run prints it: the ledger has to have it still'),
  ...periodFlags,
  ...reportsFlags,
};

/** Recomputes all evidence of a directory, and names the first thing that is wrong. */
export const verifyCommand = defineCommand({
  name: 'evidence verify',
  usage: '[DIRECTORY] [--key FILE] [flags]',
  about: [
    'Recomputes everything in a directory of evidence: the chain of its ledger, the SHA-256 of every file, the schema, whether line and evidence say the same, signatures and time stamps. It names the first thing that is wrong, and only reads.',
  ],
  names: 'the directory; default: that of the profile',
  flags,
  notes: [
    'Without a key, signatures are counted and not checked. With one, every run after the first signed one has to be signed. Where a directory is named, the profile is not read.',
    'Lines that were taken from the end cannot be missed by the ledger alone: keep the head that a run prints where whoever writes evidence cannot change it, and give it with --expect-head.',
    `Of a package that ${typed('evidence export')} has made, give its period (--from, --to): of other runs there is the line alone.`,
  ],
  exitStatus: '0 all is as it was written, 1 something was changed, 2 there is no ledger, or a key cannot be read.',

  async run(options, names) {
    const { directory, ofProfile } = await findEvidence(options, names);
    const period = options.from === null && options.to === null ? null : readPeriod(options);
    const trust = await readTrust(options, ofProfile);
    sayHeading('restore-rehearsal evidence verify', `${nearby(directory)}\n`);
    return show(await verifyLedger(directory, { expectedHead: options.expectHead, trust, period }), trust);
  },
});

async function readTrust(options: Options<typeof flags>, ofProfile: Profile['evidence'] | null): Promise<Trust> {
  const { requireSignatures, requireTimestamps, acceptUnsigned } = options;
  const ours = ofProfile?.signing?.publicKey;
  const files = options.key.length > 0 || ours === undefined ? options.key : [ours];
  if (requireSignatures && files.length === 0) throw lacks('--require-signatures', '--key');
  if (requireTimestamps && options.tsaCertificate.length === 0)
    throw lacks('--require-timestamps', '--tsa-certificate');
  const { readPublicKey } = await import('../../evidence/sign/read-key.ts');
  const { readCertificates } = await import('../../evidence/stamp/read-certificates.ts');
  const keys = await Promise.all(files.map(readPublicKey));
  const authorities = (await Promise.all(options.tsaCertificate.map(readCertificates))).flat();
  return { keys, authorities, requireSignatures, requireTimestamps, acceptUnsigned };
}

function lacks(flag: string, other: string): OperationalError {
  return new OperationalError('BAD_USAGE', `${flag} takes ${other} FILE beside it: nothing else says whom to trust.`);
}

function show({ problem, ...verified }: VerifiedLedger, trust: Trust): CommandOutcome {
  if (problem !== null) {
    console.log(`  ${styleText('red', problem.code)}  ${printable(problem.message)}`);
    return problem.code === 'LEDGER_MISSING' ? 'could-not-run' : 'not-verified';
  }
  const { runs, notes, adopted, head, signedBy, signed, stamped } = verified;
  const counts = [
    count(runs, 'run'),
    ...Object.entries(signedBy).map(([key, number]) => `${number} signed by ${key.slice(0, shownDigits)}`),
    ...(trust.keys.length === 0 && signed > 0 ? [`${signed} signed`] : []),
    ...(stamped > 0 ? [`${stamped} time-stamped`] : []),
    ...(signed < runs ? [`${runs - signed} unsigned`] : []),
    ...(notes > 0 ? [count(notes, 'note')] : []),
  ];
  console.log(`  ${styleText('green', '✔')} ${counts.join(', ')}: all as they were written`);
  if (adopted > 0) say(`${adopted} of them adopted: what was there besides them, nobody knows`);
  if (signed > 0 && trust.keys.length === 0) say('signatures not checked: no key was given (--key FILE)');
  if (stamped > 0 && trust.authorities.length === 0)
    say('time stamps not checked: none given (--tsa-certificate FILE)');
  for (const key of Object.keys(signedBy)) console.log(`    key   ${key}`);
  console.log(`    head  ${head ?? ''}`);
  return 'verified';
}

/** Of a fingerprint, as the terminal shows it after a run. */
const shownDigits = 16;
