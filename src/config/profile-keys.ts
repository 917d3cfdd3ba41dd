import * as z from 'zod';
import { profileSchema } from './profile.ts';

/** A key of a profile, for people. */
export interface ProfileKey {
  /** As in the text of a profile: `backups.directory`, `app.probes[].path`. */
  name: string;
  /** What it takes: `text`, `"auto" | "docker" | "local"`. */
  type: string;
  /** As it would be written; null where there is none. */
  otherwise: string | null;
  required: boolean;
  /** What it is for: the description at the key. Empty where somebody has forgotten it. */
  text: string;
}

/** Every key of a profile, an object before what is in it. Pure. */
export function listProfileKeys(schema: z.ZodType = profileSchema): ProfileKey[] {
  // A function, and what has no JSON of its own, is any value.
  const json = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Schema;
  return keysOf(json, '');
}

/** What is used of JSON Schema. */
interface Schema {
  type?: string;
  description?: string;
  default?: unknown;
  enum?: string[];
  anyOf?: Schema[];
  items?: Schema;
  prefixItems?: Schema[];
  properties?: Record<string, Schema>;
  additionalProperties?: Schema | boolean;
  required?: string[];
}

function keysOf({ properties = {}, required = [] }: Schema, parent: string): ProfileKey[] {
  return Object.entries(properties).flatMap(([key, schema]) => {
    const name = `${parent}${key}`;
    const inside = schema.items === undefined ? keysOf(schema, `${name}.`) : keysOf(schema.items, `${name}[].`);
    const { description: text = '' } = schema;
    return [
      { name, type: typeOf(schema), otherwise: defaultOf(schema), required: required.includes(key), text },
      ...inside,
    ];
  });
}

function typeOf({ type, enum: choices, anyOf, items, prefixItems, properties, additionalProperties }: Schema): string {
  if (choices !== undefined) return choices.map((choice) => `"${choice}"`).join(' | ');
  if (anyOf !== undefined) return anyOf.map((one) => (one.type === undefined ? 'function' : typeOf(one))).join(' or ');
  if (type === 'array') return `list of ${typeOf(items ?? prefixItems?.[0] ?? {})}`;
  if (properties !== undefined) return 'object';
  if (typeof additionalProperties === 'object') return `object of ${typeOf(additionalProperties)}`;
  return names[type ?? ''] ?? 'any JSON';
}

const names: Record<string, string> = { string: 'text', integer: 'number', number: 'number', boolean: 'true or false' };

/** Of what takes other keys, the default is theirs. */
function defaultOf({ default: value, properties }: Schema): string | null {
  return value === undefined || properties !== undefined ? null : JSON.stringify(value);
}
