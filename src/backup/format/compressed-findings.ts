import type { BackupFinding } from './backup-finding.ts';

const remedy = 'Copy the backup again from off-host storage, and compare sizes and checksums.';

export const compressedTruncated: BackupFinding = {
  rule: 'ARCHIVE_TRUNCATED',
  message: 'The compressed dump ends too early.',
  remedy,
};

export const compressedCorrupt: BackupFinding = {
  rule: 'ARCHIVE_CORRUPT',
  message: 'Bytes of the compressed dump have changed.',
  remedy,
};

export const compressedEmpty: BackupFinding = {
  rule: 'ARCHIVE_EMPTY',
  message: 'The compressed dump is whole, and there is nothing in it.',
  remedy: 'See why pg_dump wrote nothing into the pipe: a shell only says it with "set -o pipefail".',
};
