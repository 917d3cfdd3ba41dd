import * as z from 'zod';
import { durationMs } from './profile-values.ts';
import { decrypt, encrypt } from './sources-profile.ts';

/** `backups` of a profile. */
export const backups = z
  .strictObject({
    directory: z.string().min(1).describe('Where backups are. It is made for its owner alone.'),
    keepDaily: z
      .number()
      .int()
      .positive()
      .default(7)
      .describe('How many daily backups stay, however old: the newest whole one of each of the newest days.'),
    pruneAfter: durationMs
      .prefault('7d')
      .describe('From which age on others may go, once their copy off-host is proven.'),
    pattern: z
      .string()
      .min(1)
      .optional()
      .describe(
        'Which files of the directory are backups, where another tool takes them: a glob, like `daily/*.sql.gz` or `**`.',
      ),
    encrypt: encrypt.optional(),
    decrypt: decrypt.optional(),
    offsite: z.string().min(1).optional().describe('Where copies go, as rclone names it: `remote:bucket/path`.'),
    rcloneConfig: z
      .string()
      .min(1)
      .optional()
      .describe('Configuration file of rclone, where it is not in its usual place.'),
    composeService: z
      .string()
      .min(1)
      .optional()
      .describe(
        'Compose service with the database, in place of `database.url`: dumps run inside of its container, as the runbook’s do.',
      ),
    composeProject: z
      .string()
      .min(1)
      .optional()
      .describe('Name of the Compose project, where several run a service of that name.'),
    format: z.enum(['custom', 'directory']).default('custom').describe('Format of dumps, as pg_dump names it.'),
    compression: z
      .string()
      .regex(
        /^(?:\d|none|(?:gzip|lz4|zstd)(?::[\w=,-]+)?)$/,
        'is not what pg_dump --compress takes, like "6" or "zstd:3"',
      )
      .optional()
      .describe('For `pg_dump --compress`: 0 to 9, or a method with its detail, like `zstd:3` (PostgreSQL 16).'),
  })
  .optional()
  .describe('Where backups are, how long they stay, and where their copies go. See [backups.md](backups.md).');
