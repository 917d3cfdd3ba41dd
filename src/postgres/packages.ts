import { imagesWith, packagesFor, sourceOf } from './extension-packages.ts';
import { majorVersion } from './version.ts';

/** How to get an extension, in a sentence. Pure. */
export function howToGetExtension(name: string, serverVersion: string): string {
  const major = majorVersion(serverVersion);
  const [image] = sourceOf(name).isContrib === true ? [`postgres:${major}`] : imagesWith([name], major);
  const inImage = image === undefined ? 'with an image that has it' : `with an image that has it, like ${image}`;
  const packages = packagesFor([name], major).join(' ');
  const how = packages === '' ? 'no package brings it' : `Debian and Ubuntu: apt-get install ${packages}`;
  return `Install it on this machine (${how}), or rehearse ${inImage} (--image, or postgres.image in the profile).`;
}

/** How to get a locale of the operating system or of ICU, in a sentence. Pure. */
export function howToGetLocale(locale: string): string {
  return (
    `Install the locale ${locale} on this machine (Debian: apt-get install locales-all; or locale-gen ${locale}), or rehearse with the image ` +
    'that production runs (--image, or postgres.image in the profile); images of Alpine have only locales of ICU.'
  );
}
