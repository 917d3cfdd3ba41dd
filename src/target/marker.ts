import pg from 'pg';
import { z } from 'zod';

/** The database by which an administrator says that a server is for rehearsals. Its comment is the marker. */
export const markerDatabase = 'restore_rehearsal_scratch';

/** What has to be written word for word. */
const promise = 'restore-rehearsal may make and drop databases and roles on this server';

const markerSchema = z.strictObject({
  scratch: z.literal(promise),
  /** System identifier and timeline: a restored copy of the server, or a server that its dump went to, has others. */
  system: z.string(),
  /** Host and port, as the URL of the target has them: a copy of its disk answers elsewhere. */
  at: z.string(),
  /** Databases that may stand beside; they are left alone. */
  beside: z.array(z.string()).default([]),
});

export type Marker = z.output<typeof markerSchema>;

/** Which server it is. */
export interface ServerIdentity {
  system: string;
  at: string;
}

/** Reads a marker; in place of it, what is wrong with it. Pure. */
export function readMarker(comment: string | null): Marker | string {
  if (comment === null) return `the database ${markerDatabase} has no comment`;
  try {
    const parsed = markerSchema.safeParse(JSON.parse(comment));
    if (parsed.success) return parsed.data;
    const [first] = parsed.error.issues;
    return `its "${first?.path.join('.') ?? ''}" is not as it has to be`;
  } catch {
    return 'it is no JSON';
  }
}

/** What an administrator types to mark a server, with psql. Pure. */
export function markerStatements(
  { system, at }: ServerIdentity,
  { exists, login }: { exists: boolean; login: string },
) {
  const marker = { scratch: promise, system, at, beside: [] } satisfies Marker;
  const create = `create database ${markerDatabase} owner ${pg.escapeIdentifier(login)};`;
  const comment = `comment on database ${markerDatabase} is ${pg.escapeLiteral(JSON.stringify(marker))};`;
  return [...(exists ? [] : [create]), comment].map((line) => `  ${line}`).join('\n');
}
