const cr = 0x0d;
const lf = 0x0a;

/** Whether there are line feeds, and a carriage return before each. Pure. */
export function isEachLineFeedBehindReturn(bytes: Buffer): boolean {
  let at = bytes.indexOf(lf);
  if (at === -1) return false;
  for (; at !== -1; at = bytes.indexOf(lf, at + 1)) if (bytes[at - 1] !== cr) return false;
  return true;
}

/** How many lines end in a text. Pure. */
export function countLineFeeds(text: string): number {
  return text.split('\n').length - 1;
}
