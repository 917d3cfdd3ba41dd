import * as z from 'zod';

const tool = z.literal('restore-rehearsal');
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const oid = z.string().regex(/^\d+$/);
const xid = z.string().regex(/^\d+$/);
const moment = z.iso.datetime({ precision: 3 });

/** Which backup of which live database a mark is about. */
const about = {
  tool,
  /** Name of the live database. */
  database: z.string().min(1),
  /** SHA-256 of the dump. */
  backup: sha256,
  takenAt: moment,
  /** Which part of the backup, as partMark writes it; all of it, where it does not say so. */
  part: z.string().min(1).optional(),
};

/**
 * What the comment on a database says that this tool has made or has put aside. Names can be anybody's; a database without
 * such a mark is never touched. Databases keep their oid when they are renamed, so marks tell others by it.
 */
const markSchema = z.discriminatedUnion('state', [
  /** A backup is being restored into it, or was, when its restore was cut short. Nothing else is ever dropped. */
  z.strictObject({ ...about, state: z.literal('unfinished') }),
  /** Written before there was `unfinished`: cut short, or whole and never equal to a manifest, which nobody can tell now. */
  z.strictObject({ ...about, state: z.literal('restoring') }),
  /** All of the backup is in it, and nothing has been compared yet. */
  z.strictObject({ ...about, state: z.literal('restored') }),
  /** All of the backup is in it, and there was no manifest to compare it with. */
  z.strictObject({ ...about, state: z.literal('not-compared') }),
  /** All of the backup is in it, and it was not equal to the manifest. */
  z.strictObject({ ...about, state: z.literal('different') }),
  /** It was equal to the manifest of the backup. */
  z.strictObject({
    ...about,
    state: z.literal('verified'),
    /** Since then, roles were given the rights in it that they had in the live one. */
    hasRightsOfLive: z.literal(true).optional(),
  }),
  /** It was live until the database `successor` took its place; its own comment is `comment`. */
  z.strictObject({
    ...about,
    state: z.literal('kept'),
    successor: oid,
    replacedAt: moment,
    /** Of the server at that time: rows of the successor with a newer one were written since. The first marks do not say it. */
    xid: xid.optional(),
    comment: z.string().nullable(),
  }),
  /** It was live for a while, until `predecessor` got its place back. Rows with a transaction behind `since` were written then. */
  z.strictObject({
    ...about,
    state: z.literal('rolled-back'),
    predecessor: oid,
    rolledBackAt: moment,
    since: xid.optional(),
  }),
  /** It is live, where there was none before it: there is no kept one that would tell. */
  z.strictObject({ ...about, state: z.literal('live'), comment: z.string().nullable() }),
]);

export type Mark = z.output<typeof markSchema>;

/** The states of a database that a backup was restored into to its end, whatever came of the comparison. */
export const finishedStates = ['restored', 'not-compared', 'different', 'verified'] as const;
/** All but what is live. */
export const droppableStates: Mark['state'][] = ['unfinished', 'restoring', ...finishedStates, 'kept', 'rolled-back'];
export type FinishedState = (typeof finishedStates)[number];
export type BackupOfMark = Pick<Mark, 'tool' | 'database' | 'backup' | 'takenAt' | 'part'>;

/** A mark as the text of a comment. Pure. */
export function writeMark(mark: Mark): string {
  return JSON.stringify(markSchema.parse(mark));
}

/** The mark in a comment; null where it is none. Pure. */
export function readMark(comment: string | null): Mark | null {
  try {
    return markSchema.safeParse(JSON.parse(comment ?? '')).data ?? null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

/** The comment that people gave a database, whatever marks it has. Pure. */
export function ownComment(comment: string | null): string | null {
  const mark = readMark(comment);
  if (mark === null) return comment;
  return 'comment' in mark ? mark.comment : null;
}
