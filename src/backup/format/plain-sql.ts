import type { DumpFile } from '../../postgres/archive-input.ts';
import { chooseExtensions, type WantedExtension } from '../../postgres/extensions.ts';
import type { ByteRange } from '../../postgres/plain-dump-events.ts';
import type { PlainDump } from '../../postgres/plain-dump-reader.ts';
import { scanPlainDump, startsAsPlainDump } from '../../postgres/plain-dump.ts';
import { plainRestoreFlags, restorePlain } from '../../postgres/restore-plain.ts';
import { bareVersion } from '../../postgres/version.ts';
import type { BackupFinding } from './backup-finding.ts';
import type { BackupFormat, OpenDump } from './backup-format.ts';
import { cutFinding } from './cut-finding.ts';
import { disorderFinding } from './disorder-finding.ts';
import { undescribed, type DumpDescription } from './dump-description.ts';
import { outlineOf, type DumpOutline } from './dump-outline.ts';
import { refuseMetaCommands } from './meta-commands.ts';

/** `pg_dump -Fp`: SQL for psql. */
export const plain: BackupFormat<'plain'> = {
  name: 'plain',
  readByPath: false,
  recognise: ({ head, isDirectory }) => !isDirectory && startsAsPlainDump(head),
  describe,
  outline: outlinePlain,
  open: openPlain,
};

/** pg_dump writes CREATE EXTENSION IF NOT EXISTS; the rest that it writes of an extension takes who created it. */
function madeBeforehand({ prepared }: PlainDump, wanted: WantedExtension[]): ByteRange[] {
  return prepared.filter(({ schema, extension }) =>
    wanted.some((each) => each.name === extension || (schema !== undefined && each.schema === schema)),
  );
}

/** Commands of psql are reported when the dump would be restored; it is not read to its end then. */
function findFlaw({ cut, disorder, metaCommands: [command] }: PlainDump): BackupFinding[] {
  if (disorder !== null && (command === undefined || command.line >= disorder.line)) return [disorderFinding(disorder)];
  return cut === null || command !== undefined ? [] : [cutFinding('plain SQL dump', cut)];
}

function describe(head: Buffer): DumpDescription {
  const text = head.toString('utf8');
  const version = (what: string) => {
    const found = new RegExp(`^-- Dumped ${what} version (.*)$`, 'm').exec(text)?.[1];
    return found === undefined ? null : bareVersion(found);
  };
  return { ...undescribed, serverVersion: version('from database'), dumpVersion: version('by pg_dump') };
}

const scans = new WeakMap<DumpFile, Promise<PlainDump>>();

/** A dump is read to its end, which is done once, whoever asks. */
function scanOnce(dump: DumpFile): Promise<PlainDump> {
  const scanning = scans.get(dump) ?? scanPlainDump(dump);
  scans.set(dump, scanning);
  return scanning;
}

async function outlinePlain(dump: DumpFile): Promise<DumpOutline> {
  const { contents, needs } = await scanOnce(dump);
  const { databaseOwner, owned, entries } = contents;
  const [database = null] = entries.get('DATABASE') ?? [];
  return outlineOf({ database, owner: databaseOwner, owned, types: entries.keys(), needs });
}

function openPlain(dump: DumpFile): OpenDump {
  const scan = () => scanOnce(dump);
  return {
    async examine() {
      return { findings: findFlaw(await scan()), description: describe(dump.head) };
    },
    readContents: async (eachRow) => (await (eachRow === undefined ? scan() : scanPlainDump(dump, eachRow))).contents,
    async readOwners() {
      const { owners } = (await scan()).contents;
      return (role) => owners.has(role);
    },
    readNeeds: async () => (await scan()).needs,
    readEntries: () => Promise.resolve(null),
    refuse: async () => refuseMetaCommands(await scan()),
    async restore(session, { extensions, extensionVersions, limits, onProgress, ownership }) {
      const scanned = await scan();
      const wanted = chooseExtensions(extensions, scanned.needs, extensionVersions);
      await session.createExtensions(wanted);
      const { restricted, exitCode, stderr, dropErrors } = await restorePlain(
        session.tools,
        session.login,
        dump,
        scanned,
        limits,
        {
          ownership,
          ...(onProgress && { onProgress }),
          passedOver: madeBeforehand(scanned, wanted),
        },
      );
      const facts = {
        restrictedByPsql: restricted,
        ...(ownership === 'runbook' && { leftOut: 'owners and privileges' }),
      };
      // Where a COPY fails, a psql that went on would take its rows for statements.
      return { tool: 'psql', flags: plainRestoreFlags, exitCode, stderr, dropErrors, goesOn: false, facts };
    },
  };
}
