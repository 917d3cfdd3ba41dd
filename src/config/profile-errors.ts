import { closest, distance } from 'fastest-levenshtein';
import { z } from 'zod';
import { profileSchema } from './profile.ts';

/** Turns a failed validation into one line a problem, each with the place in the profile and, for an unknown key, the nearest known one. */
export function describeProfileErrors(error: z.ZodError): string[] {
  return error.issues.flatMap((issue) => {
    if (issue.code !== 'unrecognized_keys') return [`${place(issue.path)}: ${issue.message}`];
    return issue.keys.map((key) => unknownKey(key, issue.path));
  });
}

function place(path: PropertyKey[]): string {
  return path.length === 0 ? 'the profile' : path.map(String).join('.');
}

function unknownKey(key: string, path: PropertyKey[]): string {
  const known = knownKeys(path);
  const nearest = known.length === 0 ? undefined : closest(key, known);
  const hint =
    nearest !== undefined && distance(key, nearest) <= Math.max(2, key.length / 2)
      ? `did you mean "${nearest}"?`
      : `known keys are ${known.join(', ')}`;
  return `unknown key "${[...path.map(String), key].join('.')}"; ${hint}`;
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
