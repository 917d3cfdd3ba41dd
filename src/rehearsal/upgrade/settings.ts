import pg from 'pg';
import type { ExaminedBackup } from '../steps/examine.ts';
import { readDatabaseSettings } from '../../postgres/database-settings.ts';
import { withDisposable, type DisposableConnection } from '../../postgres/disposable.ts';
import { readGlobalsLine } from '../../postgres/globals-lines.ts';
import { snapshotOf } from '../expected.ts';

/** A setting of ALTER DATABASE or ALTER ROLE … SET, which comes with a backup. */
export interface CarriedSetting {
  /** `the database`, `the role app`. */
  of: string;
  name: string;
  /** As SQL writes it behind TO. */
  value: string;
}

/** Settings that a backup brings along: of its manifest, of the roles beside it, and of a dump that creates its database. Pure. */
export function readCarriedSettings(
  { expected, examination }: Pick<ExaminedBackup, 'expected' | 'examination'>,
  globals: string | null = examination.globals,
): CarriedSetting[] {
  const state = snapshotOf(expected)?.state.DATABASE_SETTING ?? {};
  const ofManifest = readDatabaseSettings(state).map(({ role, name, value }) => ({
    of: role === null ? 'the database' : `the role ${role} in the database`,
    name,
    value: pg.escapeLiteral(value),
  }));
  const definitions = expected.by === 'dump' ? (expected.contents.definitions ?? []) : [];
  const ofDump = definitions
    .filter(({ type }) => type === 'DATABASE PROPERTIES')
    .flatMap(({ text }) => readSettings('the database', text.match(ofDatabase) ?? []));
  return [...ofManifest, ...ofDump, ...ofRoles(globals ?? '')].filter(({ name }) => !name.includes('.'));
}

function ofRoles(globals: string): CarriedSetting[] {
  return globals.split('\n').flatMap((text) => {
    const line = readGlobalsLine(text);
    return line?.kind === 'setting' ? readSettings(`the role ${line.role}`, [text]) : [];
  });
}

function readSettings(of: string, lines: string[]): CarriedSetting[] {
  return lines.flatMap((line) => {
    const [, name, value] = setting.exec(line) ?? [];
    return name === undefined || value === undefined ? [] : [{ of, name, value }];
  });
}

const literal = String.raw`E?'(?:[^'\n\\]|'')*'`;
const ofDatabase = /^ALTER DATABASE .* SET .*;$/gm;
const setting = new RegExp(String.raw` SET "?([A-Za-z_]+)"? TO (${literal}(?:, ${literal})*);$`);

/** A setting that a server does not take. */
export interface RefusedSetting extends CarriedSetting {
  reason: string;
  isUnknown: boolean;
}

/** Tries settings on a role of the rehearsal's own on the new server, and takes each back. */
export async function tryCarriedSettings(
  admin: DisposableConnection,
  owner: string,
  settings: readonly CarriedSetting[],
): Promise<RefusedSetting[]> {
  return withDisposable(admin, async (client) => {
    const refused: RefusedSetting[] = [];
    for (const each of settings) {
      await client.query('begin');
      try {
        const role = pg.escapeIdentifier(owner);
        await client.query(`alter role ${role} set ${pg.escapeIdentifier(each.name)} to ${each.value}`);
      } catch (error) {
        if (!(error instanceof pg.DatabaseError)) throw error;
        const isUnknown = error.code === undefinedObject;
        if (isUnknown || error.code === invalidValue) refused.push({ ...each, reason: error.message, isUnknown });
      } finally {
        await client.query('rollback');
      }
    }
    return refused;
  });
}

const undefinedObject = '42704';
const invalidValue = '22023';
