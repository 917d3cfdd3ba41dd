import { isPackage } from '../system/place.ts';
import { typed } from '../terminal/suggest.ts';

/** What else mends an image that is not here: nothing in the package, which has not the script that builds one. */
export function withoutRegistry(): string {
  return isPackage ? '' : `; without a registry: ${typed('offline-image')}`;
}
