import { closest, distance } from 'fastest-levenshtein';
import * as z from 'zod';
import { profileSchema } from './profile.ts';

/** What is wrong with a profile, and at which key. */
export interface ProfileProblem {
  path: PropertyKey[];
  message: string;
}

/**
 * Turns a failed validation into its problems, each with the key and, for an unknown key, the nearest known one. What is missing
 * only because a key is misspelt is no problem of its own. Pure.
 */
export function describeProfileErrors(error: z.ZodError): ProfileProblem[] {
  const misspelt = new Set(error.issues.flatMap(misspeltKeys));
  return error.issues
    .filter((issue) => issue.code === 'unrecognized_keys' || !misspelt.has(place(issue.path)))
    .flatMap((issue) => {
      const { path } = issue;
      if (issue.code !== 'unrecognized_keys') return [{ path, message: `${place(path)}: ${issue.message}` }];
      return issue.keys.map((key) => ({ path: [...path, key], message: unknownKey(key, path) }));
    });
}

/** The keys that are meant by unknown ones, and what holds them: a condition on both cannot be met before. */
function misspeltKeys(issue: z.core.$ZodIssue): string[] {
  if (issue.code !== 'unrecognized_keys') return [];
  const { path } = issue;
  const meant = issue.keys.map((key) => nearestKey(key, knownKeys(path))).filter((key) => key !== null);
  return meant.flatMap((key) => [place([...path, key]), place(path)]);
}

function place(path: PropertyKey[]): string {
  return path.length === 0 ? 'the profile' : path.map(String).join('.');
}

function unknownKey(key: string, path: PropertyKey[]): string {
  const known = knownKeys(path);
  const nearest = nearestKey(key, known);
  const hint = nearest === null ? `known keys are ${known.join(', ')}` : `did you mean "${nearest}"?`;
  return `unknown key "${[...path.map(String), key].join('.')}"; ${hint}`;
}

function nearestKey(key: string, known: string[]): string | null {
  const nearest = known.length === 0 ? null : closest(key, known);
  return nearest !== null && distance(key, nearest) <= Math.max(2, key.length / 2) ? nearest : null;
}

function knownKeys(path: PropertyKey[]): string[] {
  let schema: z.core.$ZodType | undefined = profileSchema;
  for (const key of path) schema = child(unwrap(schema), key);
  const inner = unwrap(schema);
  return inner instanceof z.ZodObject ? Object.keys(inner.shape) : [];
}

function child(schema: z.core.$ZodType | undefined, key: PropertyKey): z.core.$ZodType | undefined {
  if (schema instanceof z.ZodObject) return (schema.shape as Record<PropertyKey, z.core.$ZodType>)[key];
  return schema instanceof z.ZodArray ? schema.element : undefined;
}

function unwrap(schema: z.core.$ZodType | undefined): z.core.$ZodType | undefined {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault) {
    return unwrap(schema.unwrap());
  }
  return schema;
}
