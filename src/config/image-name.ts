/** Where nothing names one. */
export const defaultImage = 'postgres:16-alpine';

/** Whether Docker could take this for the name of an image: no blanks, no control characters, no options. Pure. */
export function isImageName(name: string): boolean {
  return /^[A-Za-z0-9][\w.:/@-]*$/.test(name);
}
