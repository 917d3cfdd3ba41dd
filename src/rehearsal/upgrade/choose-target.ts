import { imageMajor } from '../../postgres/image-major.ts';
import { imageOfMajor } from '../../engine/detect.ts';
import type { Drill } from '../drill.ts';

/** The server that a database is upgraded to. */
export interface UpgradeTarget {
  /** null: the newest that is to be had. */
  major: number | null;
  image: string;
}

/**
 * The server that a backup of a major is upgraded to: the one that a flag or the profile names, else the newest whose image is
 * here, else the next one; of this machine's programs the newest. Reads what images there are.
 */
export async function chooseUpgradeTarget({ profile, choices, run }: Drill, from: number): Promise<UpgradeTarget> {
  const { engine, image } = profile.postgres;
  const wanted = profile.upgrade.to ?? null;
  // What a flag names is taken as it is.
  if (choices.image !== null) return { major: imageMajor(image) ?? wanted, image };
  const named = profile.upgrade.image ?? image;
  if (wanted !== null) return { major: wanted, image: imageOfMajor(named, wanted) };
  if (engine === 'local' || imageMajor(named) === null) return { major: null, image: named };
  const { listLocalImages } = await import('../../engine/local-images.ts');
  return { major: null, image: newestImage(named, (await listLocalImages(run.signal)) ?? [], from) };
}

/** The same image of the newest major above `from` that is here; where none is, of the next one, or as it is named if that is above. Pure. */
export function newestImage(image: string, here: readonly string[], from: number): string {
  const named = imageMajor(image) ?? 0;
  const majors = here.map(imageMajor).filter((major) => major !== null && major > from) as number[];
  const newest = majors.toSorted((a, b) => b - a).find((major) => here.includes(imageOfMajor(image, major)));
  return imageOfMajor(image, newest ?? (named > from ? named : from + 1));
}
