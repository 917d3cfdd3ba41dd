import { readArchiveContents } from '../../postgres/archive-contents.ts';
import { ArchiveCursor } from '../../postgres/archive-cursor.ts';
import { readArchiveHeader } from '../../postgres/archive-header.ts';
import type { DumpFile } from '../../postgres/archive-input.ts';
import { readArchivedContents } from '../../postgres/archived-contents.ts';
import { stoppedWhileDropping, withoutDropPhase } from '../../postgres/drop-phase.ts';
import { listExtensions, withoutPrepared } from '../../postgres/extensions.ts';
import { classifyRestoreErrors } from '../../postgres/restore-errors.ts';
import {
  listArchive,
  ownersIn,
  restoreDatabase,
  restoreFlags,
  restoreSchemasFirst,
  type PgRestoreOptions,
} from '../../postgres/restore.ts';
import { toolLog } from '../../postgres/tool-errors.ts';
import { bareVersion } from '../../postgres/version.ts';
import { lastLine } from '../../system/last-line.ts';
import type { CommandResult } from '../../system/run-program.ts';
import { redact } from '../../system/redact.ts';
import { withoutRows } from '../../system/without-rows.ts';
import type { BackupFinding } from './backup-finding.ts';
import type { DumpReader, FillOptions, OpenDump, RestoreRun, RestoreSession } from './backup-format.ts';
import { cutFinding } from './cut-finding.ts';
import { undescribed, type DumpDescription } from './dump-description.ts';

/** Opens what pg_restore reads, whatever its format. */
export function openArchive(dump: DumpFile, reader: DumpReader): OpenDump {
  let listing: Promise<CommandResult> | null = null;
  const list = () => (listing ??= listArchive(reader.tools, dump, reader.limits));
  // What cannot be listed fails in the restore itself, where its error is named.
  const listOrNothing = async () => {
    const { exitCode, stdout } = await list();
    return exitCode === 0 ? stdout : '';
  };
  return {
    async examine() {
      const result = await list();
      const findings = await readErrors(reader, result);
      if (findings.length > 0) return { findings, description: undescribed };
      const contents = readArchiveContents(result.stdout);
      if (contents === null) return { findings: [unlisted(toolLog(result, reader))], description: undescribed };
      const madeAt = /^; Archive created at (\S+ \S+)/m.exec(result.stdout)?.[1] ?? null;
      return { findings: [], description: { ...contents, madeAt } };
    },
    async readContents(eachRow) {
      const { contents, cut, ...result } = await readArchivedContents(reader.tools, dump, reader.limits, eachRow);
      const findings = await readErrors(reader, result);
      if (findings.length > 0) return findings;
      return cut === null ? contents : [cutFinding('data of the archive', cut)];
    },
    readOwners: async () => ownersIn(await listOrNothing()),
    refuse: () => Promise.resolve(null),
    restore: (session, options) => restoreArchive(dump, session, options, listOrNothing),
  };
}

/** What the header of an archive says; null where there is none. Pure. */
export function describeHeader(header: Buffer): DumpDescription | null {
  const read = readArchiveHeader(new ArchiveCursor(header));
  if (read === null) return null;
  const { database, serverVersion, dumpVersion, madeAt } = read;
  return { database, serverVersion: bareVersion(serverVersion), dumpVersion: bareVersion(dumpVersion), madeAt };
}

async function restoreArchive(
  dump: DumpFile,
  session: RestoreSession,
  { extensions, limits, ...options }: FillOptions,
  list: () => Promise<string>,
): Promise<RestoreRun> {
  const { tools, login } = session;
  const { prepared, useList } = await prepareExtensions(session, extensions, list);
  const selected = useList === null ? options : { ...options, useList };
  const contents = session.actsForOthers ? (useList ?? (await list())) : '';
  const run = (how: PgRestoreOptions) =>
    session.actsForOthers
      ? restoreSchemasFirst(tools, login, dump, limits, { options: how, contents })
      : restoreDatabase(tools, login, dump, limits, how);
  let used = selected;
  let result = await run(used);
  if (!used.goOn && stoppedWhileDropping(result)) {
    used = { ...selected, goOn: true };
    result = await run(used);
  }
  const { exitCode, stderr } = result;
  const facts = { extensions: prepared.join(', ') || 'none created beforehand' };
  return {
    tool: 'pg_restore',
    flags: restoreFlags(used),
    exitCode,
    ...withoutDropPhase(stderr),
    goesOn: used.goOn,
    facts,
  };
}

/** Extensions that may be had are created beforehand, and left out of what pg_restore does. */
async function prepareExtensions(session: RestoreSession, allowed: string[], list: () => Promise<string>) {
  const contents = allowed.length === 0 ? '' : await list();
  const archived = listExtensions(contents);
  // In their order: some extensions change settings of the database one after another.
  const prepared = allowed.filter((name) => archived.includes(name));
  if (prepared.length === 0) return { prepared, useList: null };
  const schemas = await session.createExtensions(prepared);
  return { prepared, useList: withoutPrepared(contents, prepared, schemas) };
}

/** What pg_restore says against an archive that it only reads. */
async function readErrors(reader: DumpReader, result: CommandResult): Promise<BackupFinding[]> {
  const errors = classifyRestoreErrors(result.stderr).map(({ rule, message, remedy }) => ({
    rule,
    message: redact(withoutRows(message), reader.secrets),
    remedy,
  }));
  if (errors.length === 0 && result.exitCode === 0) return [];
  const log = toolLog(result, reader);
  await reader.assertServerUp(log);
  return errors.length > 0 ? errors : [unlisted(log)];
}

function unlisted(log: string): BackupFinding {
  return {
    rule: 'ARCHIVE_NOT_RECOGNISED',
    message: `pg_restore cannot read the archive: ${lastLine(log)}`,
    remedy: 'See what the backup job wrote: this is no archive that pg_restore of this version knows.',
  };
}
