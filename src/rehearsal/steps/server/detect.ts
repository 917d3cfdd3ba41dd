import type { Profile } from '../../../config/profile.ts';
import { detectEngine } from '../../../engine/detect.ts';
import type { Engine } from '../../../engine/engine.ts';
import { OperationalError } from '../../../system/operational-error.ts';
import { nextImage } from '../../choose-image.ts';
import type { Drill } from '../../drill.ts';
import type { Say } from '../../step.ts';

/** Where the image of a backup's own major cannot be had, the next one that is here has to do: it can restore it, too. */
export async function detectOrNewer(drill: Drill, say: Say, postgres: Profile['postgres'], major?: number | null) {
  try {
    return await detect(drill, say, postgres, major);
  } catch (error) {
    const isElsewhere = error instanceof OperationalError && error.code === 'NO_ENGINE';
    if (!isElsewhere || !major || drill.choices.image !== null || postgres.engine !== 'docker') throw error;
    const { listLocalImages } = await import('../../../engine/local-images.ts');
    const image = nextImage(postgres.image, (await listLocalImages(drill.run.signal)) ?? [], major);
    if (image === null) throw error;
    say(`the image ${postgres.image} cannot be had: ${image} takes its place`, 'lasting');
    return detect(drill, say, { ...postgres, image }, major);
  }
}

/** Finds who provides a server: an engine, or a target that somebody else provides. */
export async function detect(
  drill: Drill,
  say: Say,
  postgres: Profile['postgres'],
  major?: number | null,
): Promise<Engine> {
  if (postgres.target !== undefined) {
    const { openTarget } = await import('../../../target/open-target.ts');
    const { choices, profile, run } = drill;
    const sources = [choices.source, profile.database.url ?? null].filter((url) => url !== null);
    return openTarget(postgres.target, { environment: run.environment, sources, secrets: run.secrets, say });
  }
  if (postgres.engine !== 'local') say(`looking for Docker and the image ${postgres.image}`);
  return detectEngine(postgres, drill.run.environment, drill.run.signal, major);
}
