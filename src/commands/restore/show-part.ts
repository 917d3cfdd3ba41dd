import { basename } from 'node:path';
import { styleText } from 'node:util';
import { compareWithPart, type PartAndLive } from '../../recovery/part-and-live.ts';
import type { RecoveryServer } from '../../recovery/recovery-server.ts';
import type { RecoveryRequest } from '../../recovery/request.ts';
import type { RestoredPart } from '../../recovery/restore-part.ts';
import { describeLeftOut, type Part } from '../../restore/part/choose-part.ts';
import { qualify } from '../../restore/part/find-tables.ts';
import { currentDigest } from '../../snapshot/digest-version.ts';
import { count } from '../../terminal/count.ts';
import { printable } from '../../terminal/printable.ts';
import type { CommandOutcome } from '../command.ts';
import { warnApart } from '../say.ts';
import { readLive } from './read-live.ts';
import type { Next } from './show-exchange.ts';
import { showCounted } from './show-rows.ts';
import { dropStatement, showFinding } from './show-restored.ts';

type Restored = Extract<RestoredPart, { name: string }>;

/** Shows what was restored of a backup, and the SQL that brings its rows back into the live database. */
export async function showPart(
  server: RecoveryServer,
  restored: Restored,
  request: RecoveryRequest,
  next: Next,
): Promise<CommandOutcome> {
  showTablesOf(restored, server);
  showLeftOut(restored.part);
  for (const { severity, rule, message, remedy } of restored.findings) {
    if (severity === 'error') showFinding(rule, message, remedy);
    else warnApart(`${message} ${remedy}`);
  }
  if (restored.verdict === 'different') {
    console.log(styleText('red', `\n  It is not what the backup holds. To remove it: ${dropStatement(restored.name)}`));
    return 'not-verified';
  }
  await showWayBack(server, restored, request, next);
  if (restored.verdict === 'verified') return 'done';
  warnApart(
    `There is no manifest beside ${basename(request.backup.set.dump)}: the rows are those of the dump, and nothing says whether those were all.`,
  );
  return 'could-not-run';
}

function showTablesOf({ name, reused, tables, verdict, part }: Restored, { live }: RecoveryServer): void {
  const rows = tables.filter(({ kind }) => kind === 'table').reduce((sum, table) => sum + (table.rows ?? 0), 0);
  const mark = verdict === 'verified' ? styleText('green', '✔') : styleText('red', '✖');
  const how = reused ? 'was restored before, and compared again' : 'was restored';
  const what = `${count(part.tables.length, 'table')}, ${count(rows, 'row')}`;
  console.log(`\n  ${mark} ${printable(name)} ${how}: ${what}, a part of the backup`);
  if (verdict === 'verified') console.log(`    the rows are those of the manifest; ${printable(live)} was not touched`);
}

/** More would hide what matters. */
const shownLeftOut = 10;

function showLeftOut({ leftOut, withoutRows, largeObjects }: Part): void {
  const lines = [
    ...leftOut.map(describeLeftOut),
    ...withoutRows.map((table) => `rows of ${qualify(table)}: others need its definition alone`),
    ...(largeObjects ? ['large objects: nothing says which table they belong to'] : []),
  ];
  if (lines.length === 0) return;
  console.log('\n  Left out, as it needs what was not asked for:');
  for (const line of lines.slice(0, shownLeftOut)) console.log(`    ${printable(line.replace(/\s+/g, ' '))}`);
  if (lines.length > shownLeftOut) console.log(`    and ${lines.length - shownLeftOut} more`);
}

async function showWayBack(
  server: RecoveryServer,
  restored: Restored,
  request: RecoveryRequest,
  next: Next,
): Promise<void> {
  const { live } = server;
  const digest = request.backup.examination.manifest?.snapshot.digestVersion ?? currentDigest;
  const { limits } = request;
  const compared = await readLive(server, limits, () => compareWithPart(server, restored, digest, limits));
  if (compared === null) return;
  await showCounted(server, [live, restored.name], compared.differences, { limits, next });
  showScript(compared, server);
  console.log(`\n  when all is well    ${dropStatement(restored.name)}`);
}

function showScript({ script, gone }: PartAndLive, { way, live }: RecoveryServer): void {
  for (const table of gone) {
    warnApart(
      `${live} has no table ${table} any more: create it there first, as pg_dump --schema-only --table shows it, and start again.`,
    );
  }
  if (script.length === 0) return;
  console.log(
    `\n  This adds the rows that ${printable(live)} lacks, and changes none that are there. Triggers of the tables run.`,
  );
  const { description, psql } = way;
  const start = psql === null ? '' : `, which ${psql} starts`;
  console.log(`  Paste it into psql, on ${printable(`${description}${start}`)}:\n`);
  for (const line of script) console.log(printable(line));
}
