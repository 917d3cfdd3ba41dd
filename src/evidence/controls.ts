import type { ControlFramework } from '../config/evidence-profile.ts';
import type { Check, Evidence } from './schema.ts';

/** A clause that a rehearsal can speak for, and what has to have passed for that. */
interface Clause {
  framework: ControlFramework;
  clause: string;
  /** What it asks for, in our words. */
  title: string;
  /** Checks of which each has to have passed. */
  checks: readonly string[];
  /** `real`: it asks for backups; data that was seeded for the rehearsal says nothing of them. */
  data: 'any' | 'real';
  /** What else has to be so. */
  fact?: { holds: (evidence: Evidence) => boolean; otherwise: string };
}

export const frameworkNames: Readonly<Record<ControlFramework, string>> = {
  soc2: 'SOC 2',
  iso27001: 'ISO/IEC 27001:2022',
  nist80053: 'NIST SP 800-53',
  hipaa: 'HIPAA',
  dora: 'DORA',
  cis: 'CIS Controls',
};

export const notACertificate =
  'A clause that is supported has a piece of evidence here. This is no certification, and no statement that anybody complies: whether the evidence is enough, an auditor decides.';

const comesBack = ['restore-status', 'row-counts', 'content'] as const;

const isolated = {
  holds: ({ environment }: Evidence) => environment.isolation.server !== null,
  otherwise: 'nothing is recorded of how the server was kept apart',
};

const clauses: readonly Clause[] = [
  {
    ...{ framework: 'soc2', clause: 'A1.3', title: 'Procedures for recovery are tested' },
    ...{ checks: comesBack, data: 'real' },
  },
  {
    ...{ framework: 'iso27001', clause: 'A.8.13', title: 'Backups are kept, and tested regularly' },
    ...{ checks: comesBack, data: 'real' },
  },
  {
    ...{ framework: 'nist80053', clause: 'CP-4', title: 'The contingency plan is tested' },
    ...{ checks: comesBack, data: 'any' },
  },
  {
    ...{ framework: 'nist80053', clause: 'CP-4(3)', title: 'The test is automated' },
    ...{ checks: comesBack, data: 'any' },
  },
  {
    ...{
      framework: 'nist80053',
      clause: 'CP-4(4)',
      title: 'The test recovers in full, to a known state (here: the database and its application)',
    },
    ...{ checks: ['recreated-empty', ...comesBack, 'state', 'definitions', 'application-answers'], data: 'real' },
  },
  {
    ...{ framework: 'nist80053', clause: 'CP-4(5)', title: 'Damage is done on purpose, to see whether it is noticed' },
    ...{ checks: ['intact-copies', 'self-challenge'], data: 'any' },
  },
  {
    ...{ framework: 'nist80053', clause: 'CP-9(1)', title: 'Backups are tested for reliability and integrity' },
    ...{ checks: ['backup-intact', ...comesBack], data: 'real' },
  },
  {
    ...{ framework: 'nist80053', clause: 'CP-9(2)', title: 'Functions are restored from a sample of the backups' },
    ...{ checks: [...comesBack, 'application-answers'], data: 'real' },
  },
  {
    ...{ framework: 'nist80053', clause: 'CP-10', title: 'Recovery to a known state, within the time that was set' },
    ...{ checks: [...comesBack, 'application-answers', 'rto'], data: 'real' },
  },
  {
    ...{ framework: 'hipaa', clause: '164.308(a)(7)(ii)(D)', title: 'Contingency plans are tested periodically' },
    ...{ checks: comesBack, data: 'any' },
  },
  {
    ...{ framework: 'dora', clause: 'art. 12(2)', title: 'Backup, restoration and recovery are tested periodically' },
    ...{ checks: comesBack, data: 'real' },
  },
  {
    ...{
      framework: 'dora',
      clause: 'art. 12(3)',
      title: 'Restoring happens apart from the source (here: logically; nothing is known of the machines)',
    },
    ...{ checks: comesBack, data: 'real', fact: isolated },
  },
  {
    ...{ framework: 'cis', clause: '11.5', title: 'Recovery is tested with a sample of the backups' },
    ...{ checks: comesBack, data: 'real' },
  },
];

/** What evidence supports of the clauses of these frameworks, and what it does not, and why. Pure. */
export function controlsOf(evidence: Evidence, chosen: readonly ControlFramework[]): Evidence['controls'] {
  return clauses
    .filter(({ framework }) => chosen.includes(framework))
    .map((clause) => {
      const reason = reasonAgainst(clause, evidence);
      return {
        framework: frameworkNames[clause.framework],
        clause: clause.clause,
        title: clause.title,
        checks: [...clause.checks],
        status: reason === null ? 'supported' : 'not-supported',
        reason,
      };
    });
}

function reasonAgainst({ checks: needed, data, fact }: Clause, evidence: Evidence): string | null {
  const { about, verdict, checks } = evidence;
  if (data === 'real' && about?.data === 'seeded') {
    return 'it asks for backups, and what was restored was seeded for the rehearsal';
  }
  const missing = needed.find((id) => !checks.some((check) => check.id === id && check.status === 'passed'));
  if (missing !== undefined) return describeMissing(missing, checks);
  if (verdict !== 'verified') return `the rehearsal is ${verdict}`;
  return fact === undefined || fact.holds(evidence) ? null : fact.otherwise;
}

function describeMissing(id: string, checks: Check[]): string {
  const made = checks.filter((check) => check.id === id);
  const [status] = made.map((check) => check.status);
  return status === undefined ? `this rehearsal does not check ${id}` : `the check ${id} is ${status}`;
}
