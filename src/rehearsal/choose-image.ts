import { defaultImage } from '../config/image-name.ts';
import { imageMajor } from '../engine/detect.ts';
import { imagesWith, isContrib } from '../postgres/extension-packages.ts';
import type { Drill } from './drill.ts';

/**
 * The image for a dump that needs extensions: where nobody has named one, an image with them that is here already. None is
 * fetched for it: what is public may be anybody's.
 * @param image of the right major version, as it would be taken without extensions
 */
export async function chooseImage(drill: Drill, image: string, major: number, extensions: string[]): Promise<string> {
  const { engine, image: named } = drill.profile.postgres;
  const isNamed = drill.choices.image !== null || named !== defaultImage;
  if (isNamed || engine === 'local' || extensions.every(isContrib)) return image;
  const { listLocalImages } = await import('../engine/local-images.ts');
  return pickImage(await listLocalImages(drill.run.signal), extensions, major) ?? image;
}

/** Of the images that are here, one that has all of the extensions for this major version; null where none has. Pure. */
export function pickImage(here: string[], extensions: string[], major: number): string | null {
  const repositories = imagesWith(extensions, major).map(repositoryOf);
  const fitting = here.filter((image) => repositories.includes(repositoryOf(image)) && imageMajor(image) === major);
  return fitting.toSorted().at(-1) ?? null;
}

function repositoryOf(image: string): string {
  return image.replace(/:[^/:]*$/, '');
}
