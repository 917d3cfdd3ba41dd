import { z } from 'zod';
import { parseDuration } from './duration.ts';
import { isImageName } from './image-name.ts';

/** Who provides disposable servers; `auto`: the first that works here. */
export const engineChoices = ['auto', 'docker', 'local'] as const;

/** Whose clauses evidence can be held against; see controls.ts. */
export const controlFrameworks = ['soc2', 'iso27001', 'nist80053', 'hipaa', 'dora', 'cis'] as const;
export type ControlFramework = (typeof controlFrameworks)[number];

/** A database as the application sees it. */
export interface ApplicationDatabase {
  url: string;
  host: string;
  port: number;
  user: string;
  password: string;
  database: string;
}

type Variables = Record<string, string>;

const identifier = z
  .string()
  .min(1)
  .refine((name) => Buffer.byteLength(name) <= 63 && !name.includes('\0'), 'is not a PostgreSQL name (1 to 63 bytes)');

const durationMs = z.string().transform((text, context): number => {
  const value = parseDuration(text);
  if (value !== null) return value;
  context.addIssue({
    code: 'custom',
    message: `"${text}" is not a duration; write it like "30s", "60m", "24h" or "7d"`,
  });
  return z.NEVER;
});

const withinMs = z.number().int().positive();
/** `12.5%`, as the fraction 0.125. */
const percentage = z.string().transform((text, context): number => {
  const value = /^\d+(?:\.\d+)?%$/.test(text) ? Number.parseFloat(text) / 100 : NaN;
  if (value >= 0 && value <= 1) return value;
  context.addIssue({ code: 'custom', message: `"${text}" is not a percentage; write it like "20%"` });
  return z.NEVER;
});

/** Who signs evidence: a key in a file, or a program that signs with one that nobody can read. */
const signing = z
  .strictObject({
    /** The private key that `npm run evidence -- keygen` has made. */
    key: z.string().min(1).optional(),
    /** Gets the bytes to sign on standard input, and prints the signature in base64. */
    command: z.array(z.string().min(1)).min(1).optional(),
    /** The public key of `key` or `command`, which signatures are checked with. */
    publicKey: z.string().min(1).optional(),
  })
  .refine(({ key, command }) => (key === undefined) !== (command === undefined), 'takes one of key and command')
  .refine(
    ({ command, publicKey }) => command === undefined || publicKey !== undefined,
    'takes publicKey with command: signatures are checked with it',
  );

const address = z.url({ protocol: /^https?$/, error: 'has to be an address that starts with https:// or http://' });

const httpPath = z.string().startsWith('/', 'has to start with /');
const httpStatus = z.number().int().min(100).max(599);

const health = z.strictObject({
  path: httpPath.default('/health'),
  status: httpStatus.default(200),
  json: z.json().optional(),
  withinMs: withinMs.default(30_000),
});

const probe = z.strictObject({
  method: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD']).default('GET'),
  path: httpPath,
  headers: z.record(z.string(), z.string()).default({}),
  body: z.json().optional(),
  status: httpStatus.default(200),
  json: z.json().optional(),
  withinMs: withinMs.default(10_000),
});

const app = z
  .strictObject({
    command: z.tuple([z.string().min(1)], z.string(), 'has to be a list: the program and its arguments').optional(),
    image: z.string().min(1).optional(),
    url: z.url({ protocol: /^https?$/, error: 'has to be a URL that starts with http:// or https://' }).optional(),
    port: z.number().int().min(1).max(65_535).default(8080),
    env: z
      .union(
        [
          z.record(z.string(), z.string()),
          z.custom<(database: ApplicationDatabase) => Variables>((value) => typeof value === 'function'),
        ],
        'has to be an object whose values are strings, or a function that returns one',
      )
      .default({}),
    health: health.prefault({}),
    probes: z.array(probe).default([]),
  })
  .refine(
    ({ command, image, url }) => [command, image, url].filter((way) => way !== undefined).length === 1,
    'needs exactly one of "command", "image" and "url"',
  );

/** The profile as it is written: what `rehearsal.config.ts` exports by default. */
export const profileSchema = z.strictObject({
  name: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, 'has to consist of letters, digits, dots, dashes and underscores'),
  database: z
    .strictObject({
      name: identifier,
      owner: identifier,
      /** Where production's database is, for what reads it: backups, and rehearsals with --source. */
      url: z.url({ protocol: /^postgres(?:ql)?$/, error: 'has to be a URL that starts with postgres://' }).optional(),
    })
    .refine(({ name }) => !['template0', 'template1'].includes(name), 'names a database of the server itself'),
  postgres: z
    .strictObject({
      engine: z.enum(engineChoices).default('auto'),
      image: z.string().refine(isImageName, 'is no name of an image').default('postgres:16-alpine'),
    })
    .prefault({}),
  /** Only rehearsals that start from a backup or a live database do without. */
  seed: z.array(z.string().min(1)).default([]),
  tables: z.array(z.string().min(1)).default([]),
  app: app.optional(),
  objectives: z.strictObject({ rto: durationMs.prefault('60m'), rpo: durationMs.prefault('24h') }).prefault({}),
  ownership: z.enum(['runbook', 'preserve']).default('runbook'),
  /**
   * Who restores where ownership is preserved: a role that can give objects to all others, or the superuser, for dumps
   * that hold what takes one. The archive's code then has all rights of the disposable server.
   */
  restoreAs: z.enum(['operator', 'superuser']).default('operator'),
  /** Roles that the harness creates before the seed runs, for schemas that name more than their owner. They cannot log in. */
  roles: z.array(identifier).default([]),
  /** Extensions that a superuser may create before seed and restore. Trusted ones need not be named. */
  extensions: z.array(identifier).default([]),
  /** Errors of pg_restore, and what a dump leaves out or cannot hold, that are known and accepted: a part of the message, and why. */
  tolerate: z
    .array(z.strictObject({ message: z.string().min(1), reason: z.string().min(1), until: z.iso.date().optional() }))
    .default([]),
  /** Statements that the rehearsal live-writes repeats while the dump is taken. */
  writes: z.array(z.string().min(1)).default([]),
  backups: z
    .strictObject({
      directory: z.string().min(1),
      keepDaily: z.number().int().positive().default(7),
      pruneAfter: durationMs.prefault('7d'),
      /** Where copies go, as rclone names it: `remote:bucket/path`. */
      offsite: z.string().min(1).optional(),
      /** rclone's configuration file, where it is not in its usual place. */
      rcloneConfig: z.string().min(1).optional(),
      /** Dump inside the container of this service of a Compose project, as the runbook does, in place of `database.url`. */
      composeService: z.string().min(1).optional(),
      /** Name of the Compose project, where several run a service of that name. */
      composeProject: z.string().min(1).optional(),
      format: z.enum(['custom', 'directory']).default('custom'),
      /** For `pg_dump --compress`: 0 to 9, or a method with its detail, like `zstd:3` (PostgreSQL 16). */
      compression: z
        .string()
        .regex(
          /^(?:\d|none|(?:gzip|lz4|zstd)(?::[\w=,-]+)?)$/,
          'is not what pg_dump --compress takes, like "6" or "zstd:3"',
        )
        .optional(),
    })
    .optional(),
  /**
   * Whether a backup reads, at its source, what the queries of materialised views give, which is as much work as refreshing them,
   * and how long that may take for all of them.
   */
  materializedViews: z
    .strictObject({ readQueries: z.boolean().default(true), within: durationMs.prefault('60s') })
    .prefault({})
    .transform(({ readQueries, within }) => ({ withinMs: readQueries ? within : null })),
  /** How much a table may shrink from one verified rehearsal to the next before it is a finding. */
  volume: z
    .strictObject({ mayShrinkBy: percentage.prefault('20%'), tables: z.record(z.string(), percentage).default({}) })
    .prefault({}),
  /** A query for the time of the newest business row, one `timestamptz`, and how old it may be; else `objectives.rpo`. */
  freshness: z.strictObject({ query: z.string().min(1), rpo: durationMs.optional() }).optional(),
  evidence: z
    .strictObject({
      directory: z.string().min(1).default('reports'),
      frequency: durationMs.optional(),
      /** Whose backups these are, for the evidence: `production`. */
      label: z.string().min(1).optional(),
      signing: signing.optional(),
      /** A file for Prometheus' node_exporter. */
      metrics: z.string().endsWith('.prom', 'has to end in .prom, which node_exporter looks for').optional(),
      /** Hears of bad news, and of the first good one after it. Better in REHEARSAL_WEBHOOK: whoever knows it can use it. */
      webhook: address.optional(),
      /** Is asked for after every run that is verified. Better in REHEARSAL_HEARTBEAT. */
      heartbeat: address.optional(),
      /** Frameworks whose clauses the evidence names as supported or not. */
      controls: z.array(z.enum(controlFrameworks)).optional(),
      /** An authority for time stamps (RFC 3161): it says when a signature was there. */
      timestamp: address.optional(),
    })
    .prefault({}),
});

/** A profile as a person writes it. */
export type ProfileInput = z.input<typeof profileSchema>;
/** A profile after validation: defaults filled in, durations in milliseconds, paths absolute. */
export type Profile = z.output<typeof profileSchema>;
export type AppProfile = NonNullable<Profile['app']>;
export type HealthProfile = AppProfile['health'];
export type ProbeProfile = AppProfile['probes'][number];
export type EngineName = 'docker' | 'local';
