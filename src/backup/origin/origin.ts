import { existsSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { OperationalError } from '../../system/operational-error.ts';

/** Where a backup is, as somebody has named it. */
export type Origin =
  | { kind: 'file'; file: string }
  /** The newest of the files that a glob fits. */
  | { kind: 'newest'; directory: string; pattern: string }
  /** The address may be signed: then it is a secret. */
  | { kind: 'web'; address: URL }
  /** As rclone names it: a file, or a directory whose newest is taken. */
  | { kind: 'remote'; remote: string };

/** What is taken for the backup, in the words of the help. */
export const originForms = 'a file, a glob, an https:// address, s3://BUCKET/PATH, or REMOTE:PATH of rclone';

/**
 * Reads what somebody gives for a backup: this is the one place that decides. What is there as a file is that file, whatever
 * it looks like.
 * @param from the directory that paths start from
 * @throws OperationalError BAD_USAGE
 */
export function parseOrigin(text: string, from: string): Origin {
  const file = resolve(from, text);
  if (existsSync(file)) return { kind: 'file', file };
  if (/^https?:\/\//i.test(text)) return { kind: 'web', address: parseAddress(text) };
  if (/^file:\/\//i.test(text)) return { kind: 'file', file: readFileUrl(text) };
  const store = /^(s3|gs|gcs):\/\/(.+)$/i.exec(text);
  if (store !== null) return { kind: 'remote', remote: `${storeOf(store[1] ?? '')}${withoutSlash(store[2] ?? '')}` };
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1];
  if (scheme !== undefined) throw unknownScheme(scheme);
  if (isRemote(text)) return { kind: 'remote', remote: withoutSlash(text) };
  if (/[*?[{]/.test(text)) return splitGlob(file);
  return { kind: 'file', file };
}

/** What is given on the command line, to be used from any directory: paths become absolute, nothing else changes. */
export function absoluteOrigin(text: string, from: string): string {
  const origin = parseOrigin(text, from);
  if (origin.kind === 'file') return origin.file;
  return origin.kind === 'newest' ? join(origin.directory, origin.pattern) : text;
}

/** An address without what may be a secret in it: its query, its login. Pure. */
export function showAddress({ protocol, host, pathname, search }: URL): string {
  return `${protocol}//${host}${pathname}${search === '' ? '' : '?…'}`;
}

function parseAddress(text: string): URL {
  if (URL.canParse(text)) return new URL(text);
  throw new OperationalError(
    'BAD_USAGE',
    'The address of the backup cannot be read: it has to be a whole https:// address.',
  );
}

function readFileUrl(text: string): string {
  try {
    return fileURLToPath(text);
  } catch (error) {
    throw new OperationalError('BAD_USAGE', `"${text}" names no file of this machine: give its path.`, {
      cause: error,
    });
  }
}

/** Credentials come from the environment, or from the role of the machine: an argument would show them. */
function storeOf(scheme: string): string {
  return scheme.toLowerCase() === 's3' ? ':s3,env_auth=true:' : ':gcs,env_auth=true:';
}

/** `remote:path`, with a name as rclone allows. Before a colon that comes later, a path has a slash. */
function isRemote(text: string): boolean {
  return /^(?:[\w+@.][\w +@.-]*|:[a-z0-9]+(?:,[^:]*)?):/i.test(text) && !isAbsolute(text);
}

function unknownScheme(scheme: string): OperationalError {
  const message = `Nothing here reads ${scheme}:// addresses. Give ${originForms}; for anything else, configure a remote of rclone, or write a program for sources.fetch into the profile.`;
  return new OperationalError('BAD_USAGE', message);
}

function withoutSlash(text: string): string {
  return text.replace(/(?<=[^:])\/+$/, '');
}

/** The directory in front of the first folder that holds a wildcard. */
function splitGlob(pattern: string): Origin {
  let directory = dirname(pattern);
  let rest = basename(pattern);
  while (/[*?[{]/.test(directory)) {
    rest = join(basename(directory), rest);
    directory = dirname(directory);
  }
  return { kind: 'newest', directory, pattern: rest };
}
