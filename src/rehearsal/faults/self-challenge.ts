import { assertOwnServer } from '../on-target.ts';
import type { Profile } from '../../config/profile.ts';
import { countFaults } from '../../evidence/build.ts';
import type { Contribution } from '../../evidence/contribution.ts';
import type { Check, FaultRecord, Finding } from '../../evidence/schema.ts';
import { takeSnapshot, type OpenSnapshot } from '../../snapshot/take.ts';
import { OperationalError, type ErrorCode } from '../../system/operational-error.ts';
import { snapshotOptions } from '../snapshot-options.ts';
import type { DefineStep, Handle } from '../rehearsal.ts';
import type { ServedDatabase } from '../served-database.ts';
import type { StepBody } from '../step.ts';
import type { TakenDump } from '../steps/dump.ts';
import { withStandIn } from './application-faults.ts';
import { BackupCopy, type Original } from './backup-copy.ts';
import { everyFault } from './every-fault.ts';
import { faultKinds, NotPossibleHere, type Fault, type FaultKind } from './fault.ts';
import { rehearseCopy, type RehearsedCopy } from './rehearse-copy.ts';
import { tableFaults } from './table-faults.ts';

interface Source {
  served: ServedDatabase;
  reference: OpenSnapshot;
  dump: TakenDump;
}

/**
 * Adds the steps that damage copies of a backup on purpose, and see to it that each damage is found: one step for each kind of
 * fault that there is, and one that holds what was tried against the list. The source must not change any more.
 */
export function challenge(
  step: DefineStep,
  source: { [Name in keyof Source]: Handle<Source[Name]> },
  faults = everyFault,
): void {
  const copies = { made: 0 };
  const intact = step('Rehearse intact copies', passIntact(copies), source, { checks: ['intact-copies'] });
  const kinds = (Object.keys(faultKinds) as FaultKind[]).filter((kind) => faults.some((fault) => fault.kind === kind));
  const tried = kinds.map((kind) => step(faultKinds[kind], tryFaults(kind, faults, copies), { intact }));
  const records: Handle<FaultRecord[]> = {
    get value() {
      return tried.flatMap(({ value }) => value);
    },
  };
  step('See that every fault was caught', settleRecords(faults), { intact, records }, { checks: ['self-challenge'] });
}

interface Copies {
  made: number;
}

/** Rehearses copies without damage: what is found in those would be found in every other. */
function passIntact(copies: Copies): StepBody<Source, Original> {
  return async ({ profile }, { served, reference, dump }) => {
    assertOwnServer(served, 'Damage on purpose');
    const references = {
      [profile.ownership]: reference.snapshot,
      preserve: await takeSnapshot(served.asReader, { ...snapshotOptions(served), ownership: 'preserve' }),
    };
    const original: Original = { served, dump, references };
    const bare = withoutApplication(profile);
    const variants = [bare, { ...bare, ownership: 'preserve' as const }, withStandIn(bare)];
    for (const variant of variants) {
      await using copy = await BackupCopy.make(original, nextName(copies), variant);
      const outcome = await rehearseCopy(copy);
      if (outcome.verdict !== 'verified') return describeFlawed(outcome);
    }
    return {
      made: original,
      summary: `${variants.length} copies without damage pass`,
      facts: { copies: variants.length },
      checks: [challengeCheck('intact-copies', 'copies without damage are verified', 'they are', true)],
    };
  };
}

/** Rehearses a damaged copy for every fault of a kind. One that is missed does not keep the others from being tried. */
function tryFaults(kind: FaultKind, faults: Fault[], copies: Copies): StepBody<{ intact: Original }, FaultRecord[]> {
  return async (_drill, { intact }, say) => {
    const chosen = allFaults(faults, intact).filter((fault) => fault.kind === kind);
    const records: FaultRecord[] = [];
    for (const [index, fault] of chosen.entries()) {
      say(`${index + 1} of ${chosen.length}: ${fault.name}`);
      records.push(await tryFault(intact, nextName(copies), fault));
    }
    const { tried, caught, notTried } = countFaults(records);
    const impossible = notTried === 0 ? '' : `, ${notTried} not possible here`;
    return {
      made: records,
      summary: `${caught} of ${tried} caught${impossible}`,
      facts: { tried, caught, notTried },
      faults: records,
    };
  };
}

/** Says whether any fault was missed. */
function settleRecords(faults: Fault[]): StepBody<{ intact: Original; records: FaultRecord[] }> {
  return (_drill, { intact, records }) => Promise.resolve(settle(allFaults(faults, intact), records));
}

function allFaults(faults: Fault[], { served, references }: Original): Fault[] {
  const { tables, ownership } = served.drill.profile;
  const reference = references[ownership];
  if (reference === undefined) throw new Error(`There is no reference with ownership ${ownership}.`);
  return [...faults, ...tableFaults(tables, reference)];
}

function nextName(copies: Copies): string {
  return `copy_${(copies.made += 1)}`;
}

function withoutApplication(profile: Readonly<Profile>): Profile {
  const bare = { ...profile };
  delete bare.app;
  return bare;
}

async function tryFault(original: Original, name: string, fault: Fault): Promise<FaultRecord> {
  const { drill } = original.served;
  const bare = withoutApplication(drill.profile);
  const profile = fault.profile?.(bare) ?? bare;
  const expectation = { name: fault.name, kind: fault.kind, failsAt: fault.failsAt, finding: fault.finding };
  try {
    await using copy = await BackupCopy.make(original, name, profile);
    const outcome = await rehearseCopy(copy, fault);
    if (drill.run.signal.aborted) throw new OperationalError('INTERRUPTED', 'The faults were interrupted.');
    const caught = isCaught(fault, outcome);
    return {
      ...expectation,
      verdict: fault.verdict,
      outcome: caught ? 'caught' : 'missed',
      actual: describe(outcome),
      reason: null,
    };
  } catch (error) {
    if (!(error instanceof NotPossibleHere)) throw error;
    return { ...expectation, verdict: fault.verdict, outcome: 'not-tried', actual: null, reason: error.message };
  }
}

/** Found where it has to be, by its name, and with the verdict that is due. */
function isCaught({ failsAt, finding, verdict }: Fault, outcome: RehearsedCopy): boolean {
  return outcome.failedAt === failsAt && outcome.rules.includes(finding) && outcome.verdict === verdict;
}

function describe(outcome: RehearsedCopy): string {
  return `${outcome.failedAt ?? 'nowhere'}: ${outcome.rules.join(', ') || 'nothing'} (${outcome.verdict})`;
}

function describeFlawed(outcome: RehearsedCopy): Contribution {
  const { error, checks, findings } = outcome;
  if (error !== null) {
    throw new OperationalError(
      error.code as ErrorCode,
      `A copy without damage could not be rehearsed: ${error.message}`,
    );
  }
  if (outcome.verdict === 'could-not-run')
    throw new Error(`A copy without damage could not be judged: ${describe(outcome)}`);
  return { summary: describe(outcome), checks, findings };
}

/** @throws OperationalError FAULTS_NOT_TRIED: nothing is known of a fault that no step has tried */
function settle(all: Fault[], records: FaultRecord[]): Contribution {
  const forgotten = all.filter(({ name }) => !records.some((record) => record.name === name));
  if (forgotten.length > 0 || records.length !== all.length) {
    const names = forgotten.map(({ name, kind }) => `${name} (${kind})`).join(', ');
    const message = `Of ${all.length} faults, ${records.length} were tried or found impossible. Not among them: ${names}.`;
    throw new OperationalError('FAULTS_NOT_TRIED', message);
  }
  const { tried, caught } = countFaults(records);
  const expected = 'every fault that is tried is caught, by its finding and at its step';
  return {
    summary: `${caught} of ${tried} faults were caught`,
    checks: [challengeCheck('self-challenge', expected, `${caught} of ${tried}`, caught === tried && tried > 0)],
    findings: records.filter(({ outcome }) => outcome === 'missed').map(missedFinding),
  };
}

function challengeCheck(id: string, expected: string, actual: string, passed: boolean): Check {
  return { id, status: passed ? 'passed' : 'failed', reason: null, expected, actual };
}

function missedFinding({ name, failsAt, finding, verdict, actual }: FaultRecord): Finding {
  return {
    rule: 'FAULT_MISSED',
    severity: 'error',
    object: name,
    message: `When ${name}, ${failsAt} should find ${finding} (${verdict}); found ${actual ?? 'nothing'}.`,
    remedy: 'Trust no verdict of this harness before this fault is caught again: report it, with this evidence.',
  };
}
