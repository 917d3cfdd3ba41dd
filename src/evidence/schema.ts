import * as z from 'zod';

/** ISO 8601 in UTC, with milliseconds. */
const time = z.iso.datetime({ precision: 3 });
const milliseconds = z.int().nonnegative();
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const text = z.string();
const plain = z.union([z.string(), z.number(), z.boolean(), z.null()]);

export const verdictSchema = z.enum(['verified', 'not-verified', 'could-not-run']);

const step = z.strictObject({
  name: text,
  status: z.enum(['passed', 'failed', 'skipped', 'not-run']),
  durationMs: milliseconds.nullable(),
  facts: z.record(text, plain),
  error: z.strictObject({ code: text, message: text }).nullable(),
});

const check = z.strictObject({
  id: text,
  status: z.enum(['passed', 'failed', 'not-run', 'not-applicable']),
  reason: text.nullable(),
  expected: text.nullable(),
  actual: text.nullable(),
});

const finding = z.strictObject({
  rule: z.string().regex(/^[A-Z][A-Z0-9_]+$/),
  severity: z.enum(['error', 'warning']),
  object: text,
  message: text,
  remedy: text,
  /** Where definitions differ: a unified diff. Earlier evidence has it in the message. */
  diff: text.nullable().default(null),
});

/** What was rehearsed, and where. */
const about = z.strictObject({
  profile: text,
  database: text,
  /** Where the data was read, without secrets; null where nothing says it. */
  server: text.nullable(),
  /**
   * What was restored: data that was seeded for the rehearsal, a backup that was there, or a dump that was taken of a live
   * database for it. null where it did not come to that.
   */
  data: z.enum(['seeded', 'backup', 'live']).nullable(),
  /** The machine that rehearsed, by name. */
  host: text,
  /** Whose backups these are, as the profile or a flag says: `production`. */
  label: text.nullable(),
});

const subject = z.strictObject({
  file: text,
  sha256,
  bytes: z.int().nonnegative(),
  takenAt: time,
  format: text,
  dumpVersion: text,
});

const environment = z.strictObject({
  harness: text,
  node: text,
  os: text,
  engine: z.enum(['docker', 'local', 'target']).nullable(),
  engineReason: text.nullable(),
  image: text.nullable(),
  imageDigest: text.nullable(),
  serverVersion: text.nullable(),
  tools: z.record(text, text),
  settings: z.record(text, text),
  /**
   * Where they are from: made for data that nobody will miss, those of a server that nobody has tuned, those that production had
   * when the backup was taken, or those of a server that somebody else provides. Earlier evidence does not say it, and has the first.
   */
  settingsFrom: z.enum(['throwaway', 'stock', 'production', 'target']).default('throwaway'),
  /** Settings that bear on the time of a restore, and are not as in production; null there where nothing says how it has them. */
  unlikeProduction: z.array(z.strictObject({ name: text, here: text, production: text.nullable() })).default([]),
  isolation: z.strictObject({ server: text.nullable(), application: text.nullable() }),
});

/** The rows of a table, in the text format of COPY. */
const rowHash = z.strictObject({
  /** As SQL names it. */
  table: text,
  rows: z.int().nonnegative().nullable(),
  outcome: z.enum(['equal', 'different', 'not-comparable', 'not-read']),
  /** Why they were not compared, or have no hash that can be had again. */
  reason: text.nullable(),
  /** Of the rows in the dump; null where their order says nothing, or the dump has them in another format. */
  sha256: sha256.nullable(),
  /** Commands for a shell that give it again: from the dump, and from a database that it is restored into. */
  ofDump: text.nullable(),
  ofDatabase: text.nullable(),
});

const rowHashes = z.strictObject({
  /** Variables that psql needs to print values as the dump has them. */
  environment: z.record(text, text),
  tables: z.array(rowHash),
});

/** Row counts of a table at the source, or in its dump, and in the restored database. */
const counts = z.record(
  text,
  z.strictObject({
    before: z.int().nonnegative().nullable(),
    after: z.int().nonnegative().nullable(),
    /** Why the two may differ though nothing is lost, or why there is none to compare with. Earlier evidence does not have it. */
    note: text.nullable().default(null),
  }),
);

const objectives = z.strictObject({
  rto: z.strictObject({
    targetMs: milliseconds,
    measuredMs: milliseconds.nullable(),
    met: z.boolean().nullable(),
    phases: z.record(text, milliseconds),
  }),
  rpo: z.strictObject({
    targetMs: milliseconds,
    measuredMs: milliseconds.nullable(),
    met: z.boolean().nullable(),
    /** Why there is none that could be measured. Earlier evidence does not have it. */
    notApplicable: text.nullable().default(null),
  }),
});

const coverage = z.strictObject({
  checked: z.array(text),
  notChecked: z.array(z.strictObject({ what: text, why: text })),
});

/** Damage that was done on purpose to a copy of the backup, and whether the rehearsal of the copy found it. */
const fault = z.strictObject({
  name: text,
  kind: text,
  failsAt: text,
  finding: text,
  verdict: verdictSchema,
  outcome: z.enum(['caught', 'missed', 'not-tried']),
  /** What was found, and where; null where it was not tried. */
  actual: text.nullable(),
  /** Why it was not tried; null where it was. */
  reason: text.nullable(),
});

/** A clause that asks for such evidence, and whether this is some. It is no certification. */
const control = z.strictObject({
  framework: text,
  clause: text,
  /** What it asks for, in our words. */
  title: text,
  /** The checks that speak for it. */
  checks: z.array(text),
  status: z.enum(['supported', 'not-supported']),
  /** Why it is not supported. */
  reason: text.nullable(),
});

const count = z.int().nonnegative();
const selfChallenge = z.strictObject({
  tried: count,
  caught: count,
  missed: count,
  notTried: count,
  faults: z.array(fault),
});

/** The record of one rehearsal. Every field is always there, null where unknown; nothing in it is a row of data. */
export const evidenceSchema = z.strictObject({
  schemaVersion: z.literal(1),
  id: z.uuid(),
  rehearsal: text,
  /** Earlier evidence does not have it. */
  about: about.nullable().default(null),
  verdict: verdictSchema,
  startedAt: time,
  finishedAt: time,
  trigger: z.strictObject({
    by: text,
    ci: text.nullable(),
    commit: text.nullable(),
    dirty: z.boolean().nullable(),
    /** Why no commit is known. Earlier evidence does not have it. */
    commitReason: text.nullable().default(null),
  }),
  subject: subject.nullable(),
  environment,
  steps: z.array(step),
  counts,
  /** What the dump was held against byte by byte; null where it was not. Earlier evidence does not have it. */
  rowHashes: rowHashes.nullable().default(null),
  checks: z.array(check),
  findings: z.array(finding),
  objectives,
  coverage,
  /** null for a rehearsal that damages nothing on purpose. */
  selfChallenge: selfChallenge.nullable(),
  /** Of the frameworks that the profile chooses. */
  controls: z.array(control),
  /**
   * The plan of several databases that it is a part of, by its hash, and which of them it is about; null for all of them together, and
   * where there is no plan. Earlier evidence does not have it.
   */
  plan: z.strictObject({ hash: sha256, database: text.nullable() }).nullable().default(null),
  previous: sha256.nullable(),
});

export type Evidence = z.output<typeof evidenceSchema>;
export type Verdict = Evidence['verdict'];
export type About = NonNullable<Evidence['about']>;
export type Step = Evidence['steps'][number];
export type Check = Evidence['checks'][number];
/** A finding as a step contributes it: most have no diff. */
export type Finding = Omit<z.output<typeof finding>, 'diff'> & { diff?: string | null };
/** Row counts as a step contributes them: most need no note. */
export type Counts = z.input<typeof counts>;
export type FaultRecord = z.output<typeof fault>;
export type Facts = Step['facts'];

/** The JSON Schema (2020-12) of evidence.json, for other programs. `docs/evidence.schema.json` is this. */
export function evidenceJsonSchema(): object {
  return { title: 'Evidence of a restore rehearsal', ...z.toJSONSchema(evidenceSchema) };
}
