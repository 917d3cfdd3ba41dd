import { defaultImage } from '../config/image-name.ts';
import { imageOfMajor } from '../engine/detect.ts';
import { imageMajor } from '../postgres/image-major.ts';
import { imagesWith, isContrib } from '../postgres/extension-packages.ts';
import { assertOfficialImageHas } from './assert-extensions.ts';
import type { Drill } from './drill.ts';

/**
 * The image for a dump that needs extensions: where nobody has named one, an image with them that is here already. None is
 * fetched for it: what is public may be anybody's.
 * @param image of the right major version, as it would be taken without extensions
 * @throws OperationalError EXTENSION_MISSING
 */
export async function chooseImage(drill: Drill, image: string, major: number, extensions: string[]): Promise<string> {
  const { engine, image: named, target } = drill.profile.postgres;
  const isNamed = drill.choices.image !== null || named !== defaultImage;
  if (isNamed || engine === 'local' || target !== undefined || extensions.every(isContrib)) return image;
  const { listLocalImages } = await import('../engine/local-images.ts');
  const images = await listLocalImages(drill.run.signal);
  if (images === null) return image;
  const here = pickImage(images, extensions, major);
  // Where Docker is not the only way, this machine's own programs may have what they need.
  if (here === null && engine === 'docker') assertOfficialImageHas(drill, image, major, extensions);
  return here ?? image;
}

/** Of the images that are here, the best one that has all of the extensions for this major version; null where none has. Pure. */
export function pickImage(here: string[], extensions: string[], major: number): string | null {
  const ofMajor = here.filter((image) => imageMajor(image) === major).toSorted();
  for (const repository of imagesWith(extensions, major).map(repositoryOf)) {
    const newest = ofMajor.findLast((image) => repositoryOf(image) === repository);
    if (newest !== undefined) return newest;
  }
  return null;
}

/** The same image of the next major above one that is here; null where none is. Pure. */
export function nextImage(image: string, here: string[], major: number): string | null {
  if (imageMajor(image) === null) return null;
  const newer = here.map(imageMajor).filter((each) => each !== null && each > major) as number[];
  const next = newer.toSorted((a, b) => a - b).find((each) => here.includes(imageOfMajor(image, each)));
  return next === undefined ? null : imageOfMajor(image, next);
}

function repositoryOf(image: string): string {
  return image.replace(/:[^/:]*$/, '');
}
