import type { LoadedProfile } from '../../config/load-profile.ts';
import { nameInEvidence } from '../../config/profile.ts';
import { controlFrameworks, type ControlFramework } from '../../config/evidence-profile.ts';
import { assertReportsWritable } from '../../evidence/assert-writable.ts';
import type { Reporting } from '../../evidence/reporter.ts';
import { openSigner } from '../../evidence/sign/open-signer.ts';
import { describeHost, hostName, readTrigger } from '../../rehearsal/trigger.ts';
import type { Environment } from '../../system/environment.ts';
import { OperationalError } from '../../system/operational-error.ts';
import { findDestinations } from './destinations.ts';

/** What flags say of the evidence. */
export interface ReportingOptions {
  reports: string | null;
  metrics: string | null;
  label: string | null;
  controls: string[] | null;
  timestamp: string | null;
}

/**
 * Where evidence goes, what all of a run has in common, who vouches for it and who is told of it: by profile, flags and environment.
 * What cannot be used is an error before the first step.
 * @throws OperationalError
 */
export async function openReporting(
  options: ReportingOptions,
  { profile, directory }: Omit<LoadedProfile, 'file'>,
  environment: Environment,
): Promise<Reporting> {
  const { database, evidence, objectives, name } = profile;
  const reports = options.reports ?? evidence.directory;
  await assertReportsWritable(reports);
  const signer = await openSigner({ profile: evidence.signing, environment: environment.signing, directory });
  const destinations = findDestinations(evidence, options.metrics, environment.telling);
  const label = options.label ?? evidence.label ?? null;
  return {
    reports,
    destinations,
    vouchers: { signer, authority: options.timestamp ?? evidence.timestamp ?? null },
    shared: {
      about: { profile: name, database: nameInEvidence(database), host: hostName(), label },
      trigger: await readTrigger(environment, directory),
      host: describeHost(),
      targets: { rtoMs: objectives.rto, rpoMs: objectives.rpo },
      controls: options.controls === null ? (evidence.controls ?? []) : readFrameworks(options.controls),
      frequencyMs: evidence.frequency ?? null,
    },
  };
}

function readFrameworks(given: string[]): ControlFramework[] {
  return given.map((name) => {
    const framework = controlFrameworks.find((known) => known === name);
    if (framework !== undefined) return framework;
    const message = `There is no framework "${name}"; --controls takes ${controlFrameworks.join(', ')}.`;
    throw new OperationalError('BAD_USAGE', message);
  });
}
