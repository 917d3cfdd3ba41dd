import type { OpenDump } from '../backup/format/backup-format.ts';
import type { DumpDescription } from '../backup/format/dump-description.ts';
import type { Contribution } from '../evidence/contribution.ts';
import type { RestoredContents } from '../restore/compare-contents.ts';
import { disagreements } from '../restore/oracle/disagreements.ts';
import { holdAgainstDump, type ReadDump } from '../restore/oracle/hold-against-dump.ts';
import { describeRowHashes, type DumpAtHand } from '../restore/oracle/repeat.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import { OperationalError } from '../system/operational-error.ts';
import { toolLimits } from './limits.ts';
import type { RestoredDatabase } from './restore-site.ts';

/** A dump that the restored database is held against. */
export interface Witness {
  opened: OpenDump;
  description: Pick<DumpDescription, 'serverVersion' | 'dumpVersion'>;
  atHand: DumpAtHand;
}

/** Holds a restored database against its dump. Resolves with what differs, and with the hashes for the evidence. */
export async function askDump(
  { served, asReader }: RestoredDatabase,
  { opened, description, atHand }: Witness,
  contents: ReadDump['contents'],
  after: Snapshot,
): Promise<RestoredContents & Required<Pick<Contribution, 'rowHashes'>>> {
  const { drill, server } = served;
  const restored = { reader: asReader, runner: server, limits: toolLimits(drill) };
  const context = {
    ...description,
    ownership: drill.profile.ownership,
    restoredTo: server.serverVersion,
    isUpgrade: served.upgrade !== null,
  };
  const held = await holdAgainstDump(restored, { opened, contents }, after, context);
  return { ...held, rowHashes: describeRowHashes(held.rows, atHand, after) };
}

/**
 * Holds what a comparison with the source came to against a second oracle, the bytes of the dump.
 * @param isOfReference whether the dump is known to hold what the source held: then both have to find the same
 * @throws OperationalError ORACLES_DISAGREE: one of them errs, and nobody knows which
 */
export async function confirm(
  comparison: Contribution,
  restored: RestoredDatabase,
  witness: Witness,
  after: Snapshot,
  { isOfReference }: { isOfReference: boolean },
): Promise<Contribution> {
  const contents = await witness.opened.readContents();
  if (Array.isArray(contents)) {
    const message = `The dump was restored, and cannot be read: ${contents.map((each) => each.message).join(' ')}`;
    throw new OperationalError('ORACLES_DISAGREE', message);
  }
  const { rowHashes, ...held } = await askDump(restored, witness, contents, after);
  const { findings = [], coverage } = comparison;
  const against = disagreements(findings, held, { isOfReference });
  if (against.length > 0) {
    const message = `Two ways to compare came to different results: ${against.join('; ')}. Trust neither: this is an error of the harness. Report it, with this evidence.`;
    throw new OperationalError('ORACLES_DISAGREE', message);
  }
  const confirmed = held.rows.tables.filter(({ outcome }) => outcome === 'equal' || outcome === 'different');
  const checked = `a second time, by the SHA-256 of what the dump holds: rows of ${confirmed.length} tables, large objects, definitions`;
  return {
    ...comparison,
    rowHashes,
    coverage: { checked: [...(coverage?.checked ?? []), checked], notChecked: coverage?.notChecked ?? [] },
  };
}
