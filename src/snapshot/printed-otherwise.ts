import type { SchemaEntry } from './snapshot.ts';
import { sortRoles } from './normalise-schema.ts';
import { quotedSql } from './sql-text.ts';

/** The majors of the server that a definition comes from and of the one that it was restored into. */
export interface Majors {
  from: number;
  to: number;
}

/** Something that is printed otherwise from one major to another though the object is the same. */
export interface PrintedOtherwise {
  /** Seen between these majors: what ends below the first, or starts at the second or above, is printed alike. */
  between: readonly [from: number, to: number];
  what: string;
  /** Who says so. */
  source: string;
  stillCaught: string;
}

interface Rewriting extends PrintedOtherwise {
  types: readonly string[];
  /** Makes both forms alike. */
  rewrite: (definition: string) => string;
}

const word = String.raw`(?:"(?:[^"]|"")+"|[\w$]+)`;

/** What pg_dump of two majors prints otherwise of the same object, as found between 15, 17 and 18. All else is a finding. */
const rewritings: readonly Rewriting[] = [
  {
    between: [15, 17],
    what: 'the kind of object in ALTER … OWNER TO: TABLE up to 15, then SEQUENCE, VIEW, MATERIALIZED VIEW',
    source: 'pg_backup_archiver.c, _getObjectDescription()',
    stillCaught: 'another owner, or another object',
    types: ['SEQUENCE', 'VIEW', 'MATERIALIZED VIEW'],
    rewrite: (definition) =>
      definition.replace(
        /^ALTER (?:SEQUENCE|VIEW|MATERIALIZED VIEW)(?= (?:[^;"]|"(?:[^"]|"")*")* OWNER TO )/gm,
        'ALTER TABLE',
      ),
  },
  {
    between: [15, 17],
    what: 'two blanks in ALTER DEFAULT PRIVILEGES',
    source: 'dumputils.c, buildDefaultACLCommands()',
    stillCaught: 'another privilege, role or kind of object',
    types: ['DEFAULT ACL'],
    rewrite: (definition) => definition.replace(/ {2}(?=TO |FROM )/g, ' '),
  },
  {
    between: [17, 18],
    what: 'names of NOT NULL constraints, which 18 keeps, and prints where they are not those it would choose',
    source: 'release notes of PostgreSQL 18: NOT NULL in pg_constraint',
    stillCaught: 'a column that may be null, or that may not',
    types: ['TABLE'],
    rewrite: (definition) => definition.replace(new RegExp(` CONSTRAINT ${word} NOT NULL`, 'g'), ' NOT NULL'),
  },
  {
    between: [0, Infinity],
    what: 'the order of the roles of a policy, which is that in which the server has them',
    source: 'pg_dump.c, getPolicies(); manifests of older releases of this program have them as they were printed',
    stillCaught: 'another role',
    types: ['POLICY'],
    rewrite: sortRoles,
  },
];

const qualifiers: PrintedOtherwise = {
  between: [15, 16],
  what: 'columns in views and rules over one table, which 16 prints without the table in front of them',
  source: 'release notes of PostgreSQL 16, ruleutils.c: views have no entries for OLD and NEW any more',
  stillCaught: 'another column, table, condition or order; a table in front of a column where there are several',
};

/** Kinds of definitions that hold a query. */
const withQuery = new Set(['VIEW', 'MATERIALIZED VIEW', 'RULE']);

/** For the documentation: everything that is not held against a definition between two majors. */
export const everyDifference: readonly PrintedOtherwise[] = [...rewritings, qualifiers];

/**
 * Why two definitions of the same object are printed otherwise by two majors, each with its reason; null where that does not
 * explain all of their differences. Pure.
 */
export function explainByMajors(before: SchemaEntry, after: SchemaEntry, majors: Majors): PrintedOtherwise[] | null {
  let [left, right] = [before.definition, after.definition];
  const reasons: PrintedOtherwise[] = [];
  for (const rewriting of rewritings) {
    if (!rewriting.types.includes(before.type) || !isCrossed(rewriting, majors)) continue;
    const rewritten = [rewriting.rewrite(left), rewriting.rewrite(right)] as const;
    if (rewritten[0] !== left || rewritten[1] !== right) reasons.push(rewriting);
    [left, right] = rewritten;
  }
  if (left === right) return reasons;
  if (!withQuery.has(before.type) || !isCrossed(qualifiers, majors)) return null;
  return isWithoutQualifiers(left, right) ? [...reasons, qualifiers] : null;
}

function isCrossed({ between: [oldest, newest] }: PrintedOtherwise, { from, to }: Majors): boolean {
  return from < newest && to > oldest;
}

const token = new RegExp(`${quotedSql}|[\\w$\\u0080-\\uffff]+|\\S`, 'g');

/** Whether the second is the first with names of tables in front of columns left out, and nothing else. */
function isWithoutQualifiers(before: string, after: string): boolean {
  const [left, right] = [before, after].map((text) => Array.from(text.matchAll(token), ([part]) => part)) as [
    string[],
    string[],
  ];
  // A schema stands nowhere without a dot behind it; a table or its alias does, where the query reads from it.
  const tables = new Set(left.filter((part, at) => left[at + 1] !== '.'));
  let at = 0;
  for (let position = 0; position < left.length; position += 1) {
    const part = left[position] ?? '';
    const isQualifier = left[position + 1] === '.' && left[position - 1] !== '.' && tables.has(part);
    if (isQualifier && !(right[at] === part && right[at + 1] === '.')) {
      position += 1;
      continue;
    }
    if (right[at] !== part) return false;
    at += 1;
  }
  return at === right.length;
}
