import type { LoadedProfile } from '../../config/load-profile.ts';
import type { Contribution } from '../../evidence/contribution.ts';
import type { Outcome } from '../../evidence/outcome.ts';
import type { Reporting } from '../../evidence/reporter.ts';
import type { Facts, Verdict } from '../../evidence/schema.ts';
import type { TakenBackup } from '../../backup/take-backup.ts';
import type { Options } from '../command.ts';
import type { flags } from './flags.ts';

/** A part of the night, in the order in which they are done. */
export type StageName = 'backup' | 'offsite' | 'rehearse' | 'prune';

/** What a night has been asked for, and what it has come to so far. */
export interface Night {
  readonly options: Options<typeof flags>;
  readonly rehearsals: string[];
  readonly loaded: LoadedProfile;
  /** Aborted by the first signal. */
  readonly interrupted: AbortSignal;
  /** Who vouches for the evidence and who is told of it; an error where that cannot be known. */
  readonly reporting: Reporting | Error;
  /** Of the stages that are over. */
  readonly results: StageResult[];
  /** What the first stage has taken. */
  taken: TakenBackup | null;
  /** What the rehearsals have come to. */
  outcomes: Outcome[];
}

/** One entry of the table in stages.ts. */
export interface Stage {
  /** As people read it. */
  readonly title: string;
  /** The check of the evidence that it makes. */
  readonly check: string;
  /** Why it has no place in this night, whatever happens; null where it has. */
  readonly notConfigured: (night: Night) => string | null;
  /** Why it is not done after what came of the stages before; null where it is. */
  readonly obstacle: (night: Night) => string | null;
  /** @throws OperationalError where it could not be done */
  readonly run: (night: Night) => Promise<Done>;
}

/** What a stage has come to. */
export interface Done {
  verdict: Verdict;
  /** Why it is not verified; null where it is. */
  problem: { code: string; message: string } | null;
  facts: Facts;
  subject?: Contribution['subject'];
}

export type StageResult = { stage: StageName; durationMs: number } & (
  ({ status: 'done' } & Done) | { status: 'not-configured'; reason: string } | { status: 'left-out'; reason: string }
);

/** Whether a stage was done, and nothing speaks against what it did. Pure. */
export function isGood(result: StageResult | undefined): boolean {
  return result?.status === 'done' && result.verdict === 'verified';
}
