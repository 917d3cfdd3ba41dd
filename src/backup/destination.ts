import { OperationalError } from '../system/operational-error.ts';

/**
 * Reads where copies go, as rclone names it: `remote:bucket/path`. The same place has the same text.
 * @param from what gave it, for the message
 * @throws OperationalError BAD_USAGE
 */
export function parseDestination(text: string, from: string): string {
  if (!/^:?[^:/]+(?:,[^:]*)?:/.test(text)) {
    const message = `${from} is "${text}", which names no remote. Write it as rclone does, REMOTE:PATH; a directory of this machine is no copy off-host. For a mounted one of another, configure a remote of the type alias.`;
    throw new OperationalError('BAD_USAGE', message);
  }
  if (holdsSecrets(text)) {
    const message = `${from} holds what others must not see, and everybody on this machine could. Put it into rclone's configuration, and name the remote only.`;
    throw new OperationalError('BAD_USAGE', message);
  }
  return text.replace(/(?<=[^:])\/+$/, '');
}

/** rclone takes parameters in place of a configuration, `:s3,secret_access_key=…:bucket`, and would get them as an argument. */
function holdsSecrets(text: string): boolean {
  const names = [...text.matchAll(/,([^,:=]+)=/g)].map(([, name = '']) => name);
  return names.some((name) => /pass|secret|key|token|cred|sas/i.test(name) && !/file/i.test(name));
}
