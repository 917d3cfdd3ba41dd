import { createHash } from 'node:crypto';
import { normalisePrivileges } from './normalise-privileges.ts';
import type { SchemaEntry } from './snapshot.ts';
import { findClosing, findUnquoted, outsideBrackets, splitOutsideBrackets } from './sql-text.ts';

/** Takes one harmless difference out of a definition. */
type Normaliser = (definition: string, type: string) => string;

/**
 * Takes out of definitions what differs between a database and its faithful copy, what only some roles are shown, and what
 * may be a secret. Pure.
 */
export function normaliseSchema(entries: Record<string, SchemaEntry>): Record<string, SchemaEntry> {
  return Object.fromEntries(
    Object.entries(entries)
      // pg_dump shows them to superusers alone: see facets/subscriptions.ts.
      .filter(([, { type }]) => !type.startsWith('SUBSCRIPTION'))
      .flatMap(([key]) => {
        const entry = normalisePrivileges(key, entries);
        return entry === null ? [] : [[key, entry] as const];
      })
      .map(([key, entry]) => [key, { ...entry, definition: hideSecrets(normalise(entry), entry.type) }]),
  );
}

/** Snapshots are written down: options of a foreign server may hold passwords, and are known by a hash alone. */
function hideSecrets(definition: string, type: string): string {
  // Who may see the options of a mapping depends on the role: see facets/user-mappings.ts.
  if (type === 'USER MAPPING') return definition.replace(/ OPTIONS \([^]*\n\);/, ';');
  if (!withOptions.has(type) || !definition.includes('OPTIONS (')) return definition;
  return `a definition with the hash ${createHash('sha256').update(definition).digest('hex').slice(0, 12)}`;
}

const withOptions = new Set(['SERVER', 'FOREIGN TABLE', 'FOREIGN DATA WRAPPER']);

/** Whether the entry of a key is of a kind that may be known by a hash alone. Pure. */
export function isHashed(key: string): boolean {
  return [...withOptions].some((type) => key.startsWith(`${type} `));
}

function normalise({ definition, type }: SchemaEntry): string {
  return normalisers.reduce((text, normaliser) => normaliser(text, type), definition);
}

const normalisers: Normaliser[] = [
  // Context: PostgreSQL prints `x IN (…)` over varchar as a cast of an array, `(ARRAY[…])::text[]`; read back in, the cast
  // moves to the elements and is printed there. Still caught: other elements, another type, column or operator.
  castElements,
  // Context: PostgreSQL prints `x IN (y, z, …)` over columns as `((x = y) OR (x = z)) OR …`; read back in, the list is flat.
  // OR is associative. Still caught: other operands, another order of them, AND in place of OR.
  flattenOr,
  // Context: a child that was created before it inherited may have its columns in another order than its parent; a restore
  // creates it as a child, with the order of the parent. Still caught: a column that is missing, added or of another type;
  // the order, by facets/column-orders.ts; content is compared by name.
  (definition, type) => (type === 'TABLE' ? sortInheritedColumns(definition) : definition),
  // Context: the roles of a policy are printed in the order in which the server has them, and a restore creates roles in the order of
  // their names. Still caught: another role, or one that is missing.
  (definition, type) => (type === 'POLICY' ? sortRoles(definition) : definition),
];

/** `(ARRAY[a, b])::text[]` becomes `ARRAY[(a)::text, (b)::text]`. */
function castElements(definition: string): string {
  const start = findUnquoted(definition, '(ARRAY[');
  if (start === -1) return definition;
  const closing = findClosing(definition, start);
  const [head, tail] = [definition.slice(0, start), definition.slice(closing + 1)];
  const array = definition.slice(start + '('.length, closing);
  const cast = /^::([a-z "]+)\[\]/.exec(tail);
  const elements = array.slice('ARRAY['.length, -1);
  if (cast === null || findClosing(array, 'ARRAY'.length) !== array.length - 1) {
    return `${definition.slice(0, start + 1)}${castElements(definition.slice(start + 1))}`;
  }
  const each = splitOutsideBrackets(elements).map((element) => `(${castElements(element.trim())})::${String(cast[1])}`);
  return `${head}ARRAY[${each.join(', ')}]${castElements(tail.slice(cast[0].length))}`;
}

/** `((a OR b) OR c)` becomes `(a OR b OR c)`. */
function flattenOr(definition: string): string {
  let text = definition;
  for (let start = findUnquoted(text, '(('); start !== -1; start = findUnquoted(text, '((', start + 1)) {
    const closing = findClosing(text, start + 1);
    const inner = text.slice(start + 2, closing);
    if (!text.startsWith(' OR ', closing + 1) || !outsideBrackets(inner).includes(' OR ')) continue;
    text = `${text.slice(0, start + 1)}${inner}${text.slice(closing + 1)}`;
    start -= 1;
  }
  return text;
}

/** Sorts the roles of a policy. Pure. */
export function sortRoles(definition: string): string {
  return definition.replace(
    rolesOfPolicy,
    (_, roles: string) =>
      ` TO ${splitOutsideBrackets(roles)
        .map((role) => role.trim())
        .toSorted()
        .join(', ')}`,
  );
}

const role = String.raw`(?:"(?:[^"]|"")+"|[^\s",;]+)`;
const rolesOfPolicy = new RegExp(
  String.raw`(?<=^CREATE POLICY (?:[^"]|"(?:[^"]|"")*")*?) TO (${role}(?:, ${role})+)(?= USING | WITH CHECK |;)`,
);

function sortInheritedColumns(definition: string): string {
  const start = definition.indexOf('(\n');
  const closing = findClosing(definition, start);
  if (!definition.slice(closing + 1).startsWith('\nINHERITS (')) return definition;
  const columns = splitOutsideBrackets(definition.slice(start + 1, closing)).map((column) => column.trim());
  return `${definition.slice(0, start)}(\n    ${columns.toSorted().join(',\n    ')}\n${definition.slice(closing)}`;
}
