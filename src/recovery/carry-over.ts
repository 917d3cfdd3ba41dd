import pg from 'pg';
import { localeOptions } from '../postgres/database-locale.ts';
import { settingStatement } from '../postgres/database-settings.ts';
import type { DatabaseFacts, Grant } from './database-facts.ts';

/**
 * A connection limit that no database has by chance. CREATE DATABASE can set no comment: what has this limit, admits nobody
 * and has no comment was made here, is still empty, and its maker was ended before it could mark it.
 */
export const limitOfUnmarked = 1_715_517;

/** The statement that creates an empty database like another one, which admits nobody yet. Pure. */
export function createStatement(name: string, facts: DatabaseFacts): string {
  const { owner, encoding, locale, tablespace } = facts;
  return [
    `create database ${pg.escapeIdentifier(name)}`,
    `owner ${pg.escapeIdentifier(owner)}`,
    'template template0',
    `encoding ${pg.escapeLiteral(encoding)}`,
    ...localeOptions(locale),
    ...(tablespace === null ? [] : [`tablespace ${pg.escapeIdentifier(tablespace)}`]),
    `allow_connections false connection limit ${limitOfUnmarked}`,
  ].join(' ');
}

/** The statements that give a database the connection limit, grants and settings of another. Pure. */
export function carryOverStatements(name: string, facts: DatabaseFacts): string[] {
  const database = pg.escapeIdentifier(name);
  return [
    `alter database ${database} connection limit ${facts.connectionLimit}`,
    `revoke all on database ${database} from public, ${pg.escapeIdentifier(facts.owner)}`,
    ...facts.grants.map((grant) => grantStatement(database, grant)),
    ...facts.settings.map((setting) => settingStatement(name, setting)),
  ];
}

/** What should be the same on both sides and is not, in words. Pure. */
export function compareFacts(expected: DatabaseFacts, actual: DatabaseFacts): string[] {
  const sorted = (values: object[]) =>
    JSON.stringify(values.map((value) => JSON.stringify(value, Object.keys(value).toSorted())).toSorted());
  const pairs: [string, unknown, unknown][] = [
    ['owner', expected.owner, actual.owner],
    ['connection limit', expected.connectionLimit, actual.connectionLimit],
    ['tablespace', expected.tablespace, actual.tablespace],
    ['encoding', expected.encoding, actual.encoding],
    ['grants', sorted(expected.grants), sorted(actual.grants)],
    ['settings', sorted(expected.settings), sorted(actual.settings)],
  ];
  return pairs.filter(([, wanted, found]) => wanted !== found).map(([what]) => what);
}

function grantStatement(database: string, { grantee, privilege, grantable }: Grant): string {
  const to = grantee === null ? 'public' : pg.escapeIdentifier(grantee);
  return `grant ${privilege} on database ${database} to ${to}${grantable ? ' with grant option' : ''}`;
}
