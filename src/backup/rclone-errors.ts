import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { redact } from '../system/redact.ts';
import { secretsOf } from '../system/secrets-of.ts';
import type { CommandResult } from '../system/run-program.ts';
import { OperationalError, type ErrorCode } from '../system/operational-error.ts';

/** Why rclone failed, in its own words without secrets, and what to do. */
export async function explainRcloneStatus(
  { stderr }: Pick<CommandResult, 'stderr'>,
  destination: string,
  env: Record<string, string>,
): Promise<OperationalError> {
  const said = redact(lastWords(stderr), [...secretsOf(Object.entries(env)), ...(await readConfiguredSecrets(env))]);
  const [, code, next] = causes.find(([pattern]) => pattern.test(said)) ?? unknownCause;
  return new OperationalError(code, `rclone could not use ${destination}: ${said}. ${next}`);
}

/** What is wrong where rclone did not end by itself. */
export function explainRcloneError(error: unknown, destination: string): unknown {
  if (!(error instanceof OperationalError)) return error;
  if (error.code === 'TOOL_NOT_STARTED') {
    const message = `${error.message} Copies off-host go through it: apt-get install rclone, brew install rclone, or https://rclone.org/install.`;
    return new OperationalError('TOOL_NOT_STARTED', message, { cause: error });
  }
  if (error.code === 'TOOL_TIMED_OUT') {
    const message = `${destination} was too slow: ${error.message} See whether the other side can be reached: rclone lsf.`;
    return new OperationalError('OFFSITE_UNREACHABLE', message, { cause: error });
  }
  return error;
}

const unknownCause: [RegExp, ErrorCode, string] = [/^/, 'OFFSITE_FAILED', 'Make rclone work there by hand.'];

const causes: [RegExp, ErrorCode, string][] = [
  [
    /didn't find section in config file|didn't find backend called/,
    'OFFSITE_NOT_CONFIGURED',
    "rclone has no such remote. Configure it with rclone config, or name rclone's file in backups.rcloneConfig.",
  ],
  [
    /unable to decrypt configuration|config.*password/i,
    'OFFSITE_NOT_CONFIGURED',
    "rclone's configuration is encrypted: give its password in RCLONE_CONFIG_PASS, or a command in RCLONE_PASSWORD_COMMAND.",
  ],
  [
    // Of a remote of the type crypt: bytes of this file have changed, or the password is another one for all of them. Of its
    // last block it says that the file ended, as of a connection that did.
    /^Failed to cat: unexpected EOF$|failed to authenticate decrypted block|too short to be encrypted|bad magic string|truncated block header/,
    'OFFSITE_UNDECRYPTABLE',
    'See whether the password of the remote is the one that the copies were made with.',
  ],
  [
    /Content-MD5.*Object Lock/is,
    'OFFSITE_FAILED',
    'A bucket with a default retention takes files with an MD5 only: take disable_checksum out of the remote, or set its upload_cutoff to 0.',
  ],
  [
    /\bWORM\b|object ?lock|\bretention|\bimmutable\b|BlobImmutable|legal hold/i,
    'OFFSITE_FAILED',
    'A lock or retention there keeps what is there. A copy that was cut off cannot be made whole before that ends: copy the backup to another place with --to, or take a new one.',
  ],
  [
    /InvalidObjectState|storage class|Glacier|DeepArchive|\brehydrat/i,
    'OFFSITE_FAILED',
    'It is in a class of storage that has to be brought back first (Glacier, Deep Archive, Archive tier): ask for that there, wait, and start again. A backup that takes hours to reach counts with them in the RTO.',
  ],
  [
    /NoSuchBucket|bucket does not exist|bucket not found/i,
    'OFFSITE_NOT_CONFIGURED',
    'There is no such bucket. Make it, or mend its name.',
  ],
  [
    /knownhosts: /,
    'OFFSITE_REFUSED',
    'The host is not the one of known_hosts. Find out why before anything is sent there.',
  ],
  [
    /could not find default credentials|no valid providers in chain|failed to refresh cached credentials/i,
    'OFFSITE_NOT_CONFIGURED',
    'No credentials are here. For gs:// name the file of a key in GOOGLE_APPLICATION_CREDENTIALS; for s3:// set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE; or make a remote with rclone config, and name REMOTE:path.',
  ],
  [
    /unable to authenticate|permission denied|access ?denied|forbidden|unauthorized|InvalidAccessKeyId|SignatureDoesNotMatch|NoCredentialProviders|SSH agent requested|status code: 40[13]|invalid_grant/i,
    'OFFSITE_REFUSED',
    'Give rclone credentials that may list, read and write there.',
  ],
  [
    /connection refused|no such host|timeout|timed out|no route to host|network is unreachable|connection reset|\bEOF\b/i,
    'OFFSITE_UNREACHABLE',
    'See whether the other side runs and can be reached from here. What has been copied whole is not sent again.',
  ],
];

/** The last thing that rclone complained about. Its log has lines of JSON; the very last word is plain, and may go on for some lines. */
function lastWords(stderr: string): string {
  const [, plain] = /^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d (?:\w+ *: )?(.*)/ms.exec(lastEntry(stderr)) ?? [];
  const text = plain ?? lastMessage(stderr) ?? 'it said nothing';
  // A signed URL is a credential.
  return text
    .trim()
    .replace(/\s*\n\s*/g, '; ')
    .replace(/(\bhttps?:\/\/[^\s?"]*)\?[^\s"]*/g, '$1')
    .replace(/[.;:,\s]+$/, '');
}

function lastEntry(stderr: string): string {
  return stderr.split(/^(?=\d{4}\/\d\d\/\d\d )/m).at(-1) ?? '';
}

function lastMessage(stderr: string): string | undefined {
  return stderr
    .split('\n')
    .flatMap((line) => {
      try {
        const { level, msg } = JSON.parse(line) as { level?: string; msg?: string };
        return level === 'notice' || msg === undefined ? [] : [msg];
      } catch {
        return [];
      }
    })
    .at(-1);
}

/** What the configuration file holds is rclone's affair, but its errors could quote it. */
async function readConfiguredSecrets(env: Record<string, string>): Promise<string[]> {
  const home = env['XDG_CONFIG_HOME'] ?? join(env['HOME'] ?? '/', '.config');
  const text = await readFile(env['RCLONE_CONFIG'] ?? join(home, 'rclone', 'rclone.conf'), 'utf8').catch(() => '');
  const settings = [...text.matchAll(/^\s*(\w+)\s*=\s*(.*?)\s*$/gm)].map(([, name = '', value = '']) => [name, value]);
  return secretsOf(settings as [string, string][]);
}
