/** Line ends, escape sequences of terminals, and letters of any encoding. Pure. */
export function isText(latin1: string): boolean {
  return !/[\x00-\x06\x0e-\x1a\x1c-\x1f]/.test(latin1);
}
