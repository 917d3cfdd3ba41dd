import * as z from 'zod';
import { app } from './app-profile.ts';
import { backups } from './backups-profile.ts';
import { databases } from './databases-profile.ts';
import { engineChoices } from './engine-choices.ts';
import { evidence } from './evidence-profile.ts';
import { defaultImage, isImageName } from './image-name.ts';
import { sources } from './sources-profile.ts';
import { durationMs, identifier, percentage, postgresUrl } from './profile-values.ts';

/** The profile as it is written: what `rehearsal.config.ts` exports by default. */
export const profileSchema = z.strictObject({
  name: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, 'has to consist of letters, digits, dots, dashes and underscores')
    .describe('Name of the profile, for people: it stands in the evidence.'),
  database: z
    .strictObject({
      name: identifier.describe('Name of the database.'),
      owner: identifier.describe('Role that owns the database, dumps it and restores it. It gets no superuser rights.'),
      alias: z
        .string()
        .min(1)
        .optional()
        .describe(
          'What evidence calls the database, where several have the same name. One of `databases` has its `name` there of itself.',
        ),
      url: postgresUrl
        .optional()
        .describe(
          'Where production’s database is, for `backup`: `postgres://user@host:5432/database`. Keep the password out of it: it is looked for in `PGPASSWORD` and in the passfile.',
        ),
    })
    .refine(({ name }) => !['template0', 'template1'].includes(name), 'names a database of the server itself')
    .describe('The database that is backed up and restored.'),
  databases,
  postgres: z
    .strictObject({
      engine: z
        .enum(engineChoices)
        .default('auto')
        .describe(
          'Who provides disposable servers: Docker, the PostgreSQL programs of this machine, or the first of them that works.',
        ),
      image: z
        .string()
        .refine(isImageName, 'is no name of an image')
        .default(defaultImage)
        .describe(
          'Image of the docker engine. The local engine prefers programs of the same major version. Of a backup, its own version counts.',
        ),
      target: z
        .string()
        .min(1)
        .refine(
          (url) => !/^\w+:\/\/[^/?@]*:[^/?@]*@|[?&]password=/.test(url),
          'holds a password: leave it to the passfile',
        )
        .optional()
        .describe(
          'A server that somebody else provides and has marked for rehearsals, `postgres://user@host:5432`, in place of an engine. See [target.md](target.md). Its password is looked for in `PGPASSWORD` and in the passfile.',
        ),
    })
    .refine(({ engine, target }) => target === undefined || engine === 'auto', {
      message: 'takes no engine beside it: name one of them',
      path: ['target'],
    })
    .prefault({})
    .describe('The disposable server.'),
  seed: z
    .array(z.string().min(1))
    .default([])
    .describe(
      'SQL files that `psql` runs in this order as the owner, for rehearsals that make their own data, like clean-state. Those that start from a backup do without.',
    ),
  tables: z
    .array(z.string().min(1))
    .default([])
    .describe('Tables that stand first in the evidence. Every table is compared, named here or not.'),
  app: app
    .optional()
    .describe('The application that is started on the restored database. Needs one of `command`, `image` and `url`.'),
  objectives: z
    .strictObject({
      rto: durationMs
        .prefault('60m')
        .describe('Recovery time objective: how long it may take until the application answers again.'),
      rpo: durationMs.prefault('24h').describe('Recovery point objective: how old the newest restored data may be.'),
    })
    .prefault({})
    .describe('What a restore has to keep to. One that is missed is a finding, and the verdict not-verified.'),
  ownership: z
    .enum(['runbook', 'preserve'])
    .default('runbook')
    .describe(
      'Whether owners and privileges are left out, as `pg_restore --no-owner --no-privileges` does (`runbook`), or restored and compared (`preserve`).',
    ),
  restoreAs: z
    .enum(['operator', 'superuser'])
    .default('operator')
    .describe(
      'Who restores where ownership is preserved: a role that can give objects to all others, or the superuser, for dumps that hold what takes one. Code in the dump then has all rights of the disposable server, and the evidence says so.',
    ),
  roles: z
    .array(identifier)
    .default([])
    .describe(
      'Roles that are created before the restore and the seed, for schemas that name more than their owner. They cannot log in.',
    ),
  extensions: z
    .array(identifier)
    .default([])
    .describe('Extensions that a superuser creates before seed and restore. Trusted ones need not be named.'),
  tolerate: z
    .array(
      z.strictObject({
        message: z.string().min(1).describe('A part of the message, as the finding shows it.'),
        reason: z.string().min(1).describe('Why it is accepted. It stands in the evidence.'),
        until: z.iso.date().optional().describe('Last day on which it is accepted, like `2026-12-31`.'),
      }),
    )
    .default([])
    .describe(
      "Errors of pg_restore, and what a dump leaves out or cannot hold, that are known and accepted: `{ message: 'role \"app\" does not exist', reason: 'made by the deployment' }`.",
    ),
  writes: z
    .array(z.string().min(1))
    .default([])
    .describe(
      'SQL statements that change rows, for live-writes and side-by-side: they are repeated meanwhile, as an application would.',
    ),
  backups,
  sources,
  materializedViews: z
    .strictObject({
      readQueries: z
        .boolean()
        .default(true)
        .describe(
          'Whether a backup reads, at its source, what the queries of materialised views give. That is as much work as refreshing them.',
        ),
      within: durationMs.prefault('60s').describe('How long that may take for all of them.'),
    })
    .prefault({})
    .transform(({ readQueries, within }) => ({ withinMs: readQueries ? within : null }))
    .describe('What a backup reads of materialised views, whose rows no dump holds.'),
  volume: z
    .strictObject({
      mayShrinkBy: percentage.prefault('20%').describe('How much of its rows any table may lose.'),
      tables: z
        .record(z.string(), percentage)
        .default({})
        .describe("The same for single tables, by name: `{ sessions: '100%' }`."),
    })
    .prefault({})
    .describe(
      'How much a table may shrink from one verified rehearsal to the next before it is a finding (`TABLE_SHRANK`).',
    ),
  freshness: z
    .strictObject({
      query: z
        .string()
        .min(1)
        .describe('Gives the time of the newest row, one `timestamptz`: `select max(created_at) from bookings`.'),
      rpo: durationMs.optional().describe('How old it may be; default: `objectives.rpo`.'),
    })
    .optional()
    .describe(
      'Whether the data itself is new enough: a backup of this night may be of a replica that stopped last week.',
    ),
  upgrade: z
    .strictObject({
      to: z
        .int()
        .min(14)
        .optional()
        .describe(
          'Major version that the rehearsal `upgrade` restores into; default: the newest above that of the backup whose image or programs are here.',
        ),
      image: z
        .string()
        .refine(isImageName, 'is no name of an image')
        .optional()
        .describe('Its image, where that is not `postgres.image` with another major in its tag.'),
    })
    .prefault({})
    .describe('What the rehearsal `upgrade` upgrades to.'),
  evidence,
});

/** A profile as a person writes it. */
export type ProfileInput = z.input<typeof profileSchema>;
/** The same for several databases, each of which may bring what is missing. */
export type FleetInput = Partial<ProfileInput> & Required<Pick<ProfileInput, 'name' | 'databases'>>;
/** A profile after validation: defaults filled in, durations in milliseconds, paths absolute. */
export type Profile = z.output<typeof profileSchema>;
export type AppProfile = NonNullable<Profile['app']>;
export type HealthProfile = AppProfile['health'];
export type ProbeProfile = AppProfile['probes'][number];
/** What evidence calls the database of a profile. Pure. */
export const nameInEvidence = ({ name, alias }: Pick<Profile['database'], 'name' | 'alias'>): string => alias ?? name;
export type EngineName = 'docker' | 'local';
/** Who provides the server of a rehearsal: an engine, or somebody else. */
export type ProviderName = EngineName | 'target';
