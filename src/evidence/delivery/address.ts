import { OperationalError } from '../../system/operational-error.ts';

/**
 * Reads the address of a webhook or a heartbeat. Whoever knows one can use it, so that no error repeats it.
 * @param source what gives it: a variable, or a key of the profile
 * @throws OperationalError BAD_USAGE
 */
export function readAddress(text: string, source: string): URL {
  const url = URL.canParse(text.trim()) ? new URL(text.trim()) : null;
  if (url !== null && /^https?:$/.test(url.protocol)) return url;
  const message = `${source} has to be an address that starts with https:// or http://. What it is now is not shown, as it may be a secret. Nothing was rehearsed.`;
  throw new OperationalError('BAD_USAGE', message);
}
