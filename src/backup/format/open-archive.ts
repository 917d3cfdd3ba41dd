import { readArchiveEntries } from '../../postgres/archive-entries.ts';
import { readArchiveContents } from '../../postgres/archive-contents.ts';
import { ArchiveCursor } from '../../postgres/archive-cursor.ts';
import { readArchiveHeader } from '../../postgres/archive-header.ts';
import type { DumpFile } from '../../postgres/archive-input.ts';
import { readArchivedContents, readArchivedNeeds } from '../../postgres/archived-contents.ts';
import { stoppedWhileDropping, withoutDropPhase } from '../../postgres/drop-phase.ts';
import type { DumpNeeds } from '../../postgres/dump-needs.ts';
import { chooseExtensions, ownSchemas, withoutPrepared, type WantedExtension } from '../../postgres/extensions.ts';
import { classifyRestoreErrors } from '../../postgres/restore-errors.ts';
import {
  listArchive,
  ownersIn,
  restoreDatabase,
  restoreFlags,
  restoreSchemasFirst,
  type PgRestoreOptions,
} from '../../postgres/restore.ts';
import type { ToolLimits } from '../../postgres/tool.ts';
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
import { isTakenForText, takenForText } from './taken-for-text.ts';

/** Opens what pg_restore reads, whatever its format. */
export function openArchive(dump: DumpFile, reader: DumpReader): OpenDump {
  let listing: Promise<CommandResult> | null = null;
  const list = () => (listing ??= listArchive(reader.tools, dump, reader.limits));
  let needs: Promise<DumpNeeds> | null = null;
  const readNeeds = () => (needs ??= readArchivedNeeds(reader.tools, dump, reader.limits));
  // What cannot be listed fails in the restore itself, where its error is named.
  const listOrNothing = async () => {
    const { exitCode, stdout } = await list();
    return exitCode === 0 ? stdout : '';
  };
  return {
    async examine() {
      const result = await list();
      const findings = await readErrors(dump, reader, result);
      if (findings.length > 0) return { findings, description: undescribed };
      const contents = readArchiveContents(result.stdout);
      if (contents === null) return { findings: [unlisted(toolLog(result, reader))], description: undescribed };
      const madeAt = /^; Archive created at (\S+ \S+)/m.exec(result.stdout)?.[1] ?? null;
      return { findings: [], description: { ...contents, madeAt } };
    },
    async readContents(eachRow) {
      const { contents, cut, ...result } = await readArchivedContents(reader.tools, dump, reader.limits, eachRow);
      const findings = await readErrors(dump, reader, result);
      if (findings.length > 0) return findings;
      // It is the same as the definitions alone say.
      needs ??= Promise.resolve(result.needs);
      return cut === null ? contents : [cutFinding('data of the archive', cut)];
    },
    readOwners: async () => ownersIn(await listOrNothing()),
    readEntries: async () =>
      (await readArchiveEntries(dump)) ?? unlisted('its table of contents is cut, or of no known form'),
    readNeeds,
    refuse: () => Promise.resolve(null),
    async restore(session, options) {
      const { only } = options;
      const part = only === undefined ? null : entriesOf(await listOrNothing(), only);
      const wanted =
        options.extensions.length === 0
          ? []
          : chooseExtensions(options.extensions, await readNeeds(), options.extensionVersions);
      if (part === null) return restoreArchive(dump, session, options, { list: listOrNothing, wanted });
      const needed = wanted.filter(({ name }) => hasExtension(part, name));
      return restoreArchive(dump, session, options, { list: () => Promise.resolve(part), wanted: needed, part });
    },
  };
}

/** What the header of an archive says; null where there is none. Pure. */
export function describeHeader(header: Buffer): DumpDescription | null {
  const read = readArchiveHeader(new ArchiveCursor(header));
  if (read === null) return null;
  const { database, serverVersion, dumpVersion, madeAt } = read;
  return { database, serverVersion: bareVersion(serverVersion), dumpVersion: bareVersion(dumpVersion), madeAt };
}

interface Contents {
  /** The table of contents; empty where it cannot be read. */
  list: () => Promise<string>;
  /** Extensions that a superuser creates beforehand. */
  wanted: WantedExtension[];
  /** The entries that are restored, where those are not all. */
  part?: string;
}

/** The lines of a table of contents that have these numbers. */
function entriesOf(contents: string, only: ReadonlySet<number>): string {
  const isOne = (line: string) => only.has(Number(/^(\d+);/.exec(line)?.[1] ?? Number.NaN));
  return contents.split('\n').filter(isOne).join('\n');
}

function hasExtension(contents: string, name: string): boolean {
  return contents
    .split('\n')
    .some((line) => `${line.replace(/^\d+; \d+ \d+ /, '')} `.startsWith(`EXTENSION - ${name} `));
}

async function restoreArchive(
  dump: DumpFile,
  session: RestoreSession,
  { ownership, goOn, jobs, onProgress, limits }: FillOptions,
  { list, wanted, part }: Contents,
): Promise<RestoreRun> {
  const { tools, login, actsForOthers } = session;
  const options: PgRestoreOptions = {
    ...{ ownership, goOn },
    ...(onProgress && { onProgress }),
    ...(part !== undefined && { useList: part }),
    ...(jobs !== undefined && !actsForOthers && { jobs }),
  };
  const facts = { extensions: wanted.map(({ name }) => name).join(', ') || 'none created beforehand' };
  const prepared =
    wanted.length === 0 ? null : await prepareExtensions(dump, session, options, limits, await list(), wanted);
  const outcome = (used: PgRestoreOptions, exitCode: number, stderr: string): RestoreRun => {
    const log = withoutDropPhase(`${prepared?.stderr ?? ''}${stderr}`);
    return { tool: 'pg_restore', flags: restoreFlags(used), exitCode, ...log, goesOn: used.goOn, facts };
  };
  if (prepared !== null && prepared.exitCode !== 0) return outcome(options, prepared.exitCode, '');
  const selected = prepared === null ? options : { ...options, useList: prepared.useList };
  const contents = actsForOthers ? (prepared?.useList ?? (await list())) : '';
  const run = (how: PgRestoreOptions) =>
    actsForOthers
      ? restoreSchemasFirst(tools, login, dump, limits, { options: how, contents })
      : restoreDatabase(tools, login, dump, limits, how);
  let used: PgRestoreOptions = selected;
  let result = await run(used);
  if (!used.goOn && stoppedWhileDropping(result)) {
    used = { ...selected, goOn: true, jobs: 1 };
    result = await run(used);
  }
  return outcome(used, result.exitCode, result.stderr);
}

/**
 * Creates extensions with a superuser, and leaves them out of what pg_restore does. The schemas of the dump that they are in come
 * first, as the dump has them: whoever owns those there owns them here.
 */
async function prepareExtensions(
  dump: DumpFile,
  session: RestoreSession,
  options: PgRestoreOptions,
  limits: ToolLimits,
  contents: string,
  wanted: WantedExtension[],
): Promise<{ exitCode: number; stderr: string; useList: string }> {
  const { schemas, rest } = ownSchemas(contents, wanted);
  const made =
    schemas === ''
      ? { exitCode: 0, stderr: '' }
      : await restoreDatabase(session.tools, session.login, dump, limits, { ...options, useList: schemas });
  if (made.exitCode !== 0 && !options.goOn) return { ...made, useList: rest };
  const brought = await session.createExtensions(wanted);
  const useList = withoutPrepared(
    rest,
    wanted.map(({ name }) => name),
    brought,
  );
  return { exitCode: 0, stderr: made.stderr, useList };
}

/** What pg_restore says against an archive that it only reads. */
async function readErrors({ head }: DumpFile, reader: DumpReader, result: CommandResult): Promise<BackupFinding[]> {
  const errors = classifyRestoreErrors(result.stderr).map(({ rule, message, remedy }) => ({
    rule,
    message: redact(withoutRows(message), reader.secrets),
    remedy,
  }));
  if (errors.length === 0 && result.exitCode === 0) return [];
  const log = toolLog(result, reader);
  await reader.assertServerUp(log);
  if (isTakenForText(head)) return [takenForText];
  return errors.length > 0 ? errors : [unlisted(log)];
}

function unlisted(log: string): BackupFinding {
  return {
    rule: 'ARCHIVE_NOT_RECOGNISED',
    message: `pg_restore cannot read the archive: ${lastLine(log)}`,
    remedy: 'See what the backup job wrote: this is no archive that pg_restore of this version knows.',
  };
}
