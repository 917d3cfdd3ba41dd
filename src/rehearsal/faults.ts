import type { Profile } from '../config/profile.ts';
import type { Contribution } from '../evidence/contribution.ts';
import type { Check, FaultRecord as FaultRecord, Finding } from '../evidence/schema.ts';
import { countFaults } from '../evidence/build.ts';
import { OperationalError, type ErrorCode } from '../system/operational-error.ts';
import { takeSnapshot } from '../snapshot/take.ts';
import type { Drill } from './drill.ts';
import { applicationFaults, withStandIn } from './faults/application-faults.ts';
import { archiveFaults } from './faults/archive-faults.ts';
import { backupFaults } from './faults/backup-faults.ts';
import { copyBackup, type References } from './faults/copy-backup.ts';
import { NotPossibleHere, type Fault } from './faults/fault.ts';
import { interruptionFaults } from './faults/interruption-faults.ts';
import { rehearseCopy, type Outcome } from './faults/rehearse-copy.ts';
import { stateFaults } from './faults/state-faults.ts';
import { tableFaults } from './faults/table-faults.ts';
import { targetFaults } from './faults/target-faults.ts';
import { snapshotOptions } from './limits.ts';
import type { StepBody } from './step.ts';

/** Everything that is tried. Faults in the profile's own tables come to it; see table-faults.ts. */
const everyFault: Fault[] = [
  ...archiveFaults,
  ...backupFaults,
  ...stateFaults,
  ...targetFaults,
  ...interruptionFaults,
  ...applicationFaults,
];

/** The steps of a rehearsal that damages copies of its backup on purpose, and sees to it that each damage is found. */
export interface SelfChallenge {
  /** Rehearses copies without damage: what is found in those would be found in every other. */
  passIntact: StepBody;
  /** Rehearses a damaged copy for every fault of a kind. One that is missed does not keep the others from being tried. */
  tryFaults: (kind: Fault['kind']) => StepBody;
  /** Says whether any fault was missed. */
  settle: StepBody;
}

/** They need a drill that has a dump and its reference, of a source that does not change any more. */
export function selfChallenge(faults = everyFault): SelfChallenge {
  let references: References | null = null;
  const records: FaultRecord[] = [];
  let copies = 0;
  const nextName = () => `copy_${(copies += 1)}`;
  return {
    async passIntact(drill) {
      references = {
        [drill.profile.ownership]: drill.need('expected'),
        preserve: await takeSnapshot(drill.databaseAsReader, { ...snapshotOptions(drill), ownership: 'preserve' }),
      };
      const profile = withoutApplication(drill.profile);
      const intact = [profile, { ...profile, ownership: 'preserve' as const }, withStandIn(profile)];
      for (const variant of intact) {
        await using copy = await copyBackup(drill, nextName(), variant, references);
        const outcome = await rehearseCopy(copy);
        if (outcome.verdict !== 'verified') return describeFlawed(outcome);
      }
      return {
        summary: `${intact.length} copies without damage pass`,
        facts: { copies: intact.length },
        checks: [challengeCheck('intact-copies', 'copies without damage are verified', 'they are', true)],
      };
    },
    tryFaults: (kind) => async (drill, say) => {
      if (references === null) throw new Error('The intact copy has not been rehearsed.');
      const chosen = [...faults, ...tableFaults(drill)].filter((fault) => fault.kind === kind);
      const own: FaultRecord[] = [];
      for (const [index, fault] of chosen.entries()) {
        say(`${index + 1} of ${chosen.length}: ${fault.name}`);
        own.push(await tryFault(drill, nextName(), fault, references));
      }
      records.push(...own);
      const { tried, caught, notTried } = countFaults(own);
      const impossible = notTried === 0 ? '' : `, ${notTried} not possible here`;
      return { summary: `${caught} of ${tried} caught${impossible}`, facts: { tried, caught, notTried }, faults: own };
    },
    settle: () => Promise.resolve(describeChallenge(records)),
  };
}

function withoutApplication(profile: Readonly<Profile>): Profile {
  const bare = { ...profile };
  delete bare.app;
  return bare;
}

async function tryFault(drill: Drill, name: string, fault: Fault, references: References): Promise<FaultRecord> {
  const bare = withoutApplication(drill.profile);
  const profile = fault.profile?.(bare) ?? bare;
  const expectation = { name: fault.name, kind: fault.kind, failsAt: fault.failsAt, finding: fault.finding };
  try {
    await using copy = await copyBackup(drill, name, profile, references);
    const outcome = await rehearseCopy(copy, fault);
    if (drill.signal.aborted) throw new OperationalError('INTERRUPTED', 'The faults were interrupted.');
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
function isCaught({ failsAt, finding, verdict }: Fault, outcome: Outcome): boolean {
  return outcome.failedAt === failsAt && outcome.rules.includes(finding) && outcome.verdict === verdict;
}

function describe(outcome: Outcome): string {
  return `${outcome.failedAt ?? 'nowhere'}: ${outcome.rules.join(', ') || 'nothing'} (${outcome.verdict})`;
}

function describeFlawed(outcome: Outcome): Contribution {
  const { error, checks, findings } = outcome;
  if (error !== null) {
    throw new OperationalError(
      error.code as ErrorCode,
      `A copy without damage could not be rehearsed: ${error.message}`,
    );
  }
  return { summary: describe(outcome), checks, findings };
}

function describeChallenge(records: FaultRecord[]): Contribution {
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
