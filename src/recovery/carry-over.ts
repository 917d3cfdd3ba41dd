import pg from 'pg';
import { localeOptions } from '../postgres/database-locale.ts';
import { settingStatement } from '../postgres/database-settings.ts';
import type { DatabaseFacts, Grant, SecurityLabel } from './database-facts.ts';

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

/** What an earlier run may have given to a database already. */
type Given = Pick<DatabaseFacts, 'grants' | 'settings' | 'securityLabels'>;

/** The statements that give a database the connection limit, grants, settings and security labels of another. Pure. */
export function carryOverStatements(name: string, facts: DatabaseFacts, given: Given): string[] {
  const database = pg.escapeIdentifier(name);
  const grantees = [null, facts.owner, ...given.grants.map(({ grantee }) => grantee)];
  const label = ({ provider }: SecurityLabel, value: string) =>
    `security label for ${pg.escapeIdentifier(provider)} on database ${database} is ${value}`;
  return [
    `alter database ${database} connection limit ${facts.connectionLimit}`,
    `revoke all on database ${database} from ${[...new Set(grantees.map(granteeInSql))].join(', ')} cascade`,
    ...facts.grants.map((grant) => grantStatement(database, grant)),
    ...new Set(given.settings.map(({ role }) => resetStatement(database, role))),
    ...facts.settings.map((setting) => settingStatement(name, setting)),
    ...given.securityLabels.map((each) => label(each, 'null')),
    ...facts.securityLabels.map((each) => label(each, pg.escapeLiteral(each.label))),
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
    ['security labels', sorted(expected.securityLabels), sorted(actual.securityLabels)],
  ];
  return pairs.filter(([, wanted, found]) => wanted !== found).map(([what]) => what);
}

function grantStatement(database: string, { grantee, privilege, grantable }: Grant): string {
  const option = grantable ? ' with grant option' : '';
  return `grant ${privilege} on database ${database} to ${granteeInSql(grantee)}${option}`;
}

function granteeInSql(grantee: string | null): string {
  return grantee === null ? 'public' : pg.escapeIdentifier(grantee);
}

function resetStatement(database: string, role: string | null): string {
  const whose = role === null ? `database ${database}` : `role ${pg.escapeIdentifier(role)} in database ${database}`;
  return `alter ${whose} reset all`;
}
