import { expect, test } from 'vitest';
import { parseDestination } from './destination.ts';

test.for([
  ['remote:bucket/path', 'remote:bucket/path'],
  ['remote:bucket/path//', 'remote:bucket/path'],
  ['remote:', 'remote:'],
  ['remote:/', 'remote:/'],
  [':sftp,host=backup.example,user=shop:/srv/backups', ':sftp,host=backup.example,user=shop:/srv/backups'],
  [':sftp,host=h,key_file=/etc/key:/srv', ':sftp,host=h,key_file=/etc/key:/srv'],
] as const)('%s is the place %s', ([text, place]) => {
  expect(parseDestination(text, '--to')).toBe(place);
});

test.for(['/mnt/backups', 'backups', './a:b', '', ':/srv'])('%j names no remote', (text) => {
  expect(() => parseDestination(text, 'backups.offsite')).toThrow(/^backups\.offsite is ".*", which names no remote/);
});

test.for([
  ':s3,access_key_id=AKIA:bucket',
  ':s3,provider=AWS,secret_access_key=canary:bucket',
  'remote,pass=canary:path',
  ':drive,token=canary:path',
])('%s is refused: everybody can see the arguments of rclone', (text) => {
  expect(() => parseDestination(text, '--to')).toThrow(/^(?!.*canary)--to holds what others must not see/);
});
