import type { CommonProfile } from '../../config/load-common.ts';
import { readEntries } from '../../fleet/entry.ts';
import { gatherCandidates, type Asked } from '../../fleet/gather.ts';
import { readLastRuns } from '../../fleet/history.ts';
import { readInventory } from '../../fleet/inventory/read-inventory.ts';
import { makePlan } from '../../fleet/make-plan.ts';
import type { Plan } from '../../fleet/plan.ts';
import type { Environment } from '../../system/environment.ts';

/**
 * Plans what a profile names: each of its databases, or the one.
 * @throws OperationalError PROFILE_INVALID, and what reading the inventory throws
 */
export async function planProfile(
  common: CommonProfile,
  asked: Asked & { reports: string | null },
  environment: Environment,
): Promise<Plan> {
  const now = new Date();
  const { profile, exported } = common;
  const { list, from, leftOut } = await readInventory(profile.databases, common, environment);
  const candidates = await gatherCandidates(exported, readEntries(list, from), asked, now);
  const history = await readLastRuns(asked.reports ?? profile.evidence.directory);
  const frequencyMs = profile.evidence.frequency ?? null;
  return makePlan(candidates, history, { profile: profile.name, now, frequencyMs, leftOut });
}
