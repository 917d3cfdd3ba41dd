import pg from 'pg';
import { withDisposable } from '../../postgres/disposable.ts';
import { dropDatabase } from '../../postgres/database.ts';
import type { BackupCopy } from './backup-copy.ts';
import { changeArchive, replaceText, seal, type Change } from './damage-archive.ts';
import { NotPossibleHere, type Fault } from './fault.ts';
import { specimenRole } from './specimens.ts';

const common = { kind: 'target', verdict: 'not-verified' } as const;

/** Servers that a good backup does not fit. */
export const targetFaults: Fault[] = [
  {
    ...common,
    name: 'the dump was taken from a newer major version',
    before: 'examine',
    failsAt: 'examine',
    finding: 'SERVER_OLDER_THAN_BACKUP',
    damage: (copy) =>
      changeAndSeal(copy, (archive, { contentsStart }) => {
        const { serverVersion } = copy.served.server;
        const newer = serverVersion.replace(/^\d\d/, '99');
        return Buffer.concat([
          replaceText(archive.subarray(0, contentsStart), serverVersion, newer),
          archive.subarray(contentsStart),
        ]);
      }),
  },
  {
    ...common,
    name: 'the format of the archive is newer than pg_restore',
    before: 'examine',
    failsAt: 'examine',
    finding: 'ARCHIVE_VERSION_UNSUPPORTED',
    damage: (copy) => changeAndSeal(copy, (archive) => withByte(archive, minorVersionAt, 99)),
  },
  {
    ...common,
    name: 'a role is missing',
    before: 'examine',
    failsAt: 'restore',
    finding: 'ROLE_MISSING',
    damage: (copy) =>
      changeAndSeal(copy, (archive) => replaceText(archive, specimenRole, specimenRole.replace(/.$/, 'x'))),
    profile: (profile) => ({ ...profile, ownership: 'preserve' }),
  },
  {
    ...common,
    name: 'an extension is missing',
    before: 'examine',
    failsAt: 'restore',
    finding: 'EXTENSION_MISSING',
    verdict: 'could-not-run',
    damage: (copy) =>
      changeAndSeal(copy, (archive, { entries }) => {
        const extension = entries.find(({ description, name }) => description === 'EXTENSION' && name !== 'plpgsql');
        if (extension === undefined) throw new NotPossibleHere('the server has no extension that an owner may create');
        const { name } = extension;
        return replaceText(archive, `IF NOT EXISTS ${name} `, `IF NOT EXISTS ${name.replace(/.$/, 'x')} `);
      }),
  },
  {
    ...common,
    name: 'the encoding of the target does not fit',
    before: 'restore',
    failsAt: 'restore',
    finding: 'ENCODING_MISMATCH',
    async damage(copy) {
      const { admin } = copy.served.server;
      await dropDatabase(admin, copy.site.name);
      await withDisposable(admin, (client) =>
        client.query(
          `create database ${pg.escapeIdentifier(copy.site.name)}
          owner ${pg.escapeIdentifier(copy.site.asOwner.user)}
          template template0 encoding 'LATIN1' locale 'C'`,
        ),
      );
    },
  },
  {
    ...common,
    name: 'template1 is not empty',
    before: 'create',
    failsAt: 'create',
    finding: 'DATABASE_NOT_EMPTY',
    async damage(copy) {
      const template = { ...copy.served.server.admin, database: 'template1' };
      await withDisposable(template, (client) => client.query('create table public.left_by_somebody (id integer)'));
      await copy.run.use('table in template1', {
        [Symbol.asyncDispose]: () =>
          withDisposable(template, async (client) => {
            await client.query('drop table public.left_by_somebody');
          }),
      });
    },
  },
];

/** Of the archive's format, in its header. */
const minorVersionAt = 6;

async function changeAndSeal(copy: BackupCopy, change: Change): Promise<void> {
  await changeArchive(copy, change);
  await seal(copy);
}

function withByte(bytes: Buffer, at: number, value: number): Buffer {
  const changed = Buffer.from(bytes);
  changed[at] = value;
  return changed;
}
