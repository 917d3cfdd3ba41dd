import { existsSync } from 'node:fs';
import { loadCommon } from '../../config/load-common.ts';
import type { LoadedProfile } from '../../config/load-profile.ts';
import type { Settings } from '../../config/settings.ts';
import { chooseShard } from '../../fleet/choose-shard.ts';
import { readPlan } from '../../fleet/plan.ts';
import { readEnvironment } from '../../system/environment.ts';
import { OperationalError } from '../../system/operational-error.ts';
import { planProfile } from './read-fleet.ts';
import type { PlanRun } from './rehearse-plan.ts';

/** What flags say of a plan, and of what cannot stand beside one. */
interface Given extends Pick<
  Settings,
  | 'engine'
  | 'target'
  | 'image'
  | 'config'
  | 'reports'
  | 'backup'
  | 'newestIn'
  | 'fromOffsite'
  | 'source'
  | 'faithful'
  | 'secondOracle'
  | 'jobs'
  | 'keep'
> {
  plan: string | null;
  shard: string | null;
  shards: number | null;
  globals: string | null;
  disk: number | null;
  junit: string | null;
}

interface Found {
  /** Null where it is one database, and no plan. */
  fleet: Pick<PlanRun, 'plan' | 'shard' | 'settings'> | null;
  /** The profile, where it was read on the way: it is of one database. */
  loaded: LoadedProfile | null;
}

/**
 * The plan that is to be rehearsed, and which part of it: a file, or all that a profile with several databases names.
 * @throws OperationalError BAD_USAGE, PLAN_INVALID, PROFILE_INVALID
 */
export async function findPlan(given: Given, rehearsals: string[]): Promise<Found> {
  const { plan: file, shard, shards, config } = given;
  const environment = readEnvironment();
  if (file === null) {
    if (shard !== null || shards !== null)
      throw badUsage(
        `${shard === null ? '--shards' : '--shard'} takes a plan, which is the same for every part: --plan FILE. The command plan writes it.`,
      );
    const common = existsSync(config) ? await loadCommon(config) : null;
    if (common?.isFleet !== true) return { fleet: null, loaded: common };
    assertOfOne(given);
    const plan = await planProfile(common, { ...given, rehearsals }, environment);
    return { fleet: { plan, shard: null, settings: settingsOf(given) }, loaded: null };
  }
  assertOfOne(given);
  if (rehearsals.length > 0)
    throw badUsage('A plan says which rehearsals are run: name them where it is written, with the command plan.');
  const plan = await readPlan(file);
  const chosen = chooseShard({ shard, shards }, environment.scheduler);
  return { fleet: { plan, shard: chosen, settings: settingsOf(given) }, loaded: null };
}

/** What names one backup, or looks into one server, says nothing of several databases. */
function assertOfOne(given: Given): void {
  const named = [
    given.backup !== null && '--backup',
    given.newestIn !== null && '--newest-in',
    given.fromOffsite && '--from-offsite',
    given.source !== null && '--source',
    given.globals !== null && '--globals',
    given.disk !== null && '--disk',
    given.junit !== null && '--junit',
    given.keep && '--keep',
  ].filter((flag) => flag !== false);
  if (named[0] === undefined) return;
  throw badUsage(
    `${named.join(' and ')} cannot stand beside several databases: each has its own keys under "databases" of the profile.`,
  );
}

function settingsOf(given: Given): Settings {
  const { trigger } = readEnvironment();
  const { engine, image, target = null, config, reports, jobs, faithful = false } = given;
  const secondOracle = given.secondOracle ?? (trigger.ci === null ? null : true);
  const nothing = { backup: null, newestIn: null, fromOffsite: false, source: null, keep: false };
  return {
    ...nothing,
    rehearsals: [],
    all: false,
    engine,
    image,
    target,
    config,
    reports,
    secondOracle,
    jobs,
    faithful,
  };
}

function badUsage(message: string): OperationalError {
  return new OperationalError('BAD_USAGE', message);
}
