import { createRoleAndDatabase } from '../../../postgres/database.ts';
import { stat } from 'node:fs/promises';
import { paceOfSeed } from '../../pace.ts';
import type { Drill } from '../../drill.ts';
import type { ServedDatabase } from '../../served-database.ts';
import type { Say, StepBody, StepResult } from '../../step.ts';
import { detect } from './detect.ts';
import { startServed } from './start-served.ts';

/** Starts a disposable PostgreSQL with an empty database that belongs to a role without superuser rights. */
export const startSeedServer: StepBody<unknown, ServedDatabase> = (drill, _needs, say) => startEmpty(drill, say, false);

/** The same, with a small disk, which can be filled up on purpose. */
export const startServerWithSmallDisk: StepBody<unknown, ServedDatabase> = (drill, _needs, say) =>
  startEmpty(drill, say, true);

async function startEmpty(drill: Drill, say: Say, smallDisk: boolean): Promise<StepResult<ServedDatabase>> {
  const engine = await detect(drill, say, drill.profile.postgres);
  const objects = await guessObjects(drill.profile.seed);
  const needs = { smallDisk, objects };
  const { served, contribution } = await startServed(
    drill,
    say,
    engine,
    needs,
    paceOfSeed(drill),
    createRoleAndDatabase,
  );
  return { ...contribution, made: served };
}

/** Short SQL files do not make many objects; of longer ones nobody knows it before they were run. */
async function guessObjects(seed: readonly string[]): Promise<number> {
  const sizes = await Promise.all(seed.map(async (file) => (await stat(file).catch(() => null))?.size ?? 0));
  return sizes.reduce((sum, size) => sum + size, 0) > 64 * 1024 ? 25_000 : 0;
}
