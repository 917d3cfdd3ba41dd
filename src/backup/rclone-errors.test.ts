import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeWorkspace } from '../../fixtures/testing/workspace.ts';
import { readEnvironment } from '../system/environment.ts';
import { openRclone } from './rclone.ts';
import { explainRcloneStatus } from './rclone-errors.ts';

const log = (message: string) => `{"level":"notice","msg":"noise"}\n2026/02/09 09:48:03 Failed to lsjson: ${message}\n`;

test.for([
  ['a variable', { AWS_SECRET_ACCESS_KEY: 'canary' }, ''],
  ['the configuration', {}, '[there]\ntype = s3\nsecret_access_key = canary\nkey_file = /etc/key\n'],
] as const)('a secret of %s is not in what is said', async ([, env, config]) => {
  const file = join(await makeWorkspace({ 'rclone.conf': config }), 'rclone.conf');
  const said = log('Get "http://store/b?X-Amz-Signature=1234": canary is refused,\n\tsee /etc/key');
  const { message } = await explainRcloneStatus({ stderr: said }, 'there:b', { ...env, RCLONE_CONFIG: file });
  expect(message).toMatch(
    /^rclone could not use there:b: Failed to lsjson: Get "http:\/\/store\/b": … is refused,; see \/etc\/key\. /,
  );
});

test.for([
  ["didn't find section in config file", 'OFFSITE_NOT_CONFIGURED'],
  ['NoSuchBucket: The specified bucket does not exist', 'OFFSITE_NOT_CONFIGURED'],
  ['unable to decrypt configuration and not allowed to ask for password', 'OFFSITE_NOT_CONFIGURED'],
  ['ssh: handshake failed: knownhosts: key mismatch', 'OFFSITE_REFUSED'],
  ['AccessDenied: Access Denied. status code: 403', 'OFFSITE_REFUSED'],
  ['dial tcp: lookup backup.example: no such host', 'OFFSITE_UNREACHABLE'],
  ['InvalidRequest: Object is WORM protected and cannot be overwritten status code: 400', 'OFFSITE_FAILED'],
  ['AccessDenied: Access Denied because object protected by object lock. status code: 403', 'OFFSITE_FAILED'],
  [
    "googleapi: Error 403: Object 'b/o' is subject to bucket's retention policy, retentionPolicyNotMet",
    'OFFSITE_FAILED',
  ],
  [
    'BlobImmutableDueToPolicy: This operation is not permitted as the blob is immutable due to a policy.',
    'OFFSITE_FAILED',
  ],
  ['something new', 'OFFSITE_FAILED'],
] as const)('%j is %s', async ([message, code]) => {
  expect(await explainRcloneStatus({ stderr: log(message) }, 'there:b', {})).toMatchObject({ code });
});

test('where the last word is one of the log, it counts', async () => {
  const stderr = '{"level":"error","msg":"disk is full"}\n{"level":"notice","msg":"Transferred: 0"}\n';
  expect((await explainRcloneStatus({ stderr }, 'there:b', {})).message).toMatch(/: disk is full\. /);
});

test('a lock is told from rights that are missing, and from a bucket that asks for an MD5', async () => {
  const explain = async (message: string) =>
    (await explainRcloneStatus({ stderr: log(message) }, 'there:b', {})).message;
  expect(await explain('AccessDenied: object protected by object lock')).toMatch(/keeps what is there.*--to/);
  expect(
    await explain(
      'InvalidRequest: Content-MD5 HTTP header is required for Put Object requests with Object Lock parameters',
    ),
  ).toMatch(/upload_cutoff to 0/);
});

test('a configuration file that is not there is named', () => {
  const options = {
    destination: 'far:x',
    environment: readEnvironment({}),
    limits: { timeoutMs: 1000, signal: undefined },
  };
  expect(() => openRclone({ ...options, config: '/no/such/rclone.conf' })).toThrow(
    'There is no configuration file of rclone at /no/such/rclone.conf.',
  );
});
