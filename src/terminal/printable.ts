/** Makes a text safe to print: no escape sequences or other control characters, which could come from the name of an object. Pure. */
export function printable(text: string): string {
  return text.replace(
    /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g,
    '\uFFFD',
  );
}
