import type { KeyObject } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { styleText } from 'node:util';
import type { LoadedProfile } from '../../config/load-profile.ts';
import { nameInEvidence } from '../../config/profile.ts';
import { readPublicKey } from '../../evidence/sign/read-key.ts';
import { readEnvironment, type Environment } from '../../system/environment.ts';
import { OperationalError } from '../../system/operational-error.ts';
import { count } from '../../terminal/count.ts';
import { formatBytes } from '../../terminal/format-bytes.ts';
import { nearby } from '../../terminal/nearby.ts';
import { defineCommand } from '../command.ts';
import { duration, toggle, typedPath } from '../flags.ts';
import { sayHeading, warn, warnApart } from '../say.ts';
import { periodFlags, readPeriod } from './period.ts';
import { findProfile, findReports, reportsFlags } from './reports.ts';

export const flags = {
  ...periodFlags,
  out: typedPath('FILE.zip', 'where the package goes'),
  force: toggle('replace a file that is there'),
  publicKey: typedPath('FILE', 'the public key to put in; default: that of the key that evidence is signed with'),
  frequency: duration('how often each had to run, in place of the profile’s evidence.frequency: 24h'),
  ...reportsFlags,
};

/** Packs the evidence of a period for an auditor. */
export const exportCommand = defineCommand({
  name: 'evidence export',
  usage: '--from DATE --to DATE --out FILE.zip [DIRECTORY] [flags]',
  about: [
    'Packs the evidence of a period for an auditor: every run with its signatures, the ledger, what was rehearsed how often and what never, the public key, a second verifier, and a README with the commands to check it. A PDF of the summary, too, where this machine has Chromium.',
  ],
  names: 'the directory; default: that of the profile',
  flags,
  notes: [
    'What is there is verified first. Where something was changed it is packed all the same, the README names it, and the status is 1. The ledger goes in whole, so that its chain can be followed: it names all databases, and verdicts of other times.',
  ],
  exitStatus: '0 packed, 1 packed, and something in it is not as it was written; 2 not packed.',

  async run(options, names) {
    const period = readPeriod(options);
    const out = await findPlace(options);
    const reports = await findReports(options, names);
    const loaded = await findProfile(options);
    const environment = readEnvironment();
    const { makePackage } = await import('../../evidence/package/make-package.ts');
    const made = await makePackage(reports, {
      ...{ period, environment, frequencyMs: options.frequency ?? loaded?.profile.evidence.frequency ?? null },
      databases: loaded === null || names.length > 0 ? [] : [nameInEvidence(loaded.profile.database)],
      publicKey: await findPublicKey(options.publicKey, loaded, environment),
    });
    if (made === null) throw new OperationalError('BAD_USAGE', `There is no ledger in ${reports}, or nothing in it.`);
    const { writeZip } = await import('../../evidence/package/write-zip.ts');
    await writeZip(out, made.files, { overwrite: options.force, mtime: period.from });
    sayHeading('restore-rehearsal evidence export', `${nearby(reports)}\n`);
    console.log(`  ${styleText('green', '✔')} ${nearby(out)}, ${formatBytes((await stat(out)).size)}`);
    console.log(`    ${count(made.runs, 'run')} from ${period.from.toISOString()} to ${period.to.toISOString()}`);
    if (made.noPdf !== null) warn(`No PDF: ${made.noPdf}.`);
    if (made.runs === 0) warn('No run started in this time; the package says so.');
    if (made.problem === null) return 'done';
    warnApart(`${made.problem.code}: ${made.problem.message} The README of the package says so.`);
    return 'not-verified';
  },
});

async function findPlace({ out, force }: { out: string | null; force: boolean }): Promise<string> {
  if (out === null) throw new OperationalError('BAD_USAGE', 'Say where the package goes: --out FILE.zip');
  const refuse = (problem: string) => new OperationalError('BAD_USAGE', `${nearby(out)} ${problem}`);
  const there = await stat(out).catch(() => null);
  const parent = await stat(dirname(out)).catch(() => null);
  if (parent?.isDirectory() !== true) throw refuse('cannot be made: there is no such directory.');
  if (there?.isDirectory() === true) throw refuse('is a directory; name a file.');
  if (there !== null && !force) throw refuse('is there already. Name another, or give --force.');
  return out;
}

/** By its usual place beside the private key, where none is named. */
async function findPublicKey(
  given: string | null,
  loaded: LoadedProfile | null,
  { signing }: Environment,
): Promise<KeyObject | null> {
  if (given !== null) return readPublicKey(given);
  const { publicKey, key } = loaded?.profile.evidence.signing ?? {};
  const beside = signing.keyFile ?? key;
  const usual = publicKey ?? (beside === undefined ? null : `${resolve(beside)}.pub`);
  if (usual === null || (await stat(usual).catch(() => null)) === null) return null;
  return readPublicKey(usual);
}
