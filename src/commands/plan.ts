import { styleText } from 'node:util';
import prettyMilliseconds from 'pretty-ms';
import { loadCommon } from '../config/load-common.ts';
import { serializePlan, type Plan, type PlannedDatabase } from '../fleet/plan.ts';
import { replaceFile } from '../system/durable.ts';
import { readEnvironment } from '../system/environment.ts';
import { OperationalError } from '../system/operational-error.ts';
import { count } from '../terminal/count.ts';
import { formatBytes } from '../terminal/format-bytes.ts';
import { nearby } from '../terminal/nearby.ts';
import { oneLine } from '../terminal/one-line.ts';
import { suggest } from '../terminal/suggest.ts';
import { defineCommand } from './command.ts';
import { config, ofRehearsals, typedPath } from './flags.ts';
import { planProfile } from './fleet/read-fleet.ts';
import { say, sayHeading } from './say.ts';

export const flags = {
  out: typedPath('FILE', 'where the plan goes; default: it is only shown'),
  engine: ofRehearsals.engine('auto (default), docker or local, for all of them'),
  image: ofRehearsals.image,
  config,
  reports: ofRehearsals.reports,
};

/** Writes which databases are to be rehearsed, before any of them is. */
export const planCommand = defineCommand({
  name: 'plan',
  about: [
    'Lists every database that is to be rehearsed: those of "databases" of the profile, or its one. For each it says which rehearsals, which engine and image, how large it is, how long it takes and how much of the disk, and for how long it has been due. What is overdue comes first, then what takes longest.',
    'The plan has a hash. Evidence of each database says of which plan it is, so that merge finds which are missing in the end.',
  ],
  names: 'rehearsals of each database; default: those that the profile says, else those of rehearse',
  flags,
  notes: ['Times come from the last runs in the directory of evidence, sizes from manifests, dumps or the server.'],
  exitStatus: '0 done, 2 not: a database that cannot be rehearsed is named.',

  async run(options, rehearsals) {
    const common = await loadCommon(options.config);
    const plan = await planProfile(common, { ...options, rehearsals }, readEnvironment());
    sayHeading('restore-rehearsal plan', `of ${plan.profile}\n`);
    for (const line of renderPlan(plan)) console.log(line);
    if (options.out === null) {
      say(`nothing was written: ${suggest('plan', { config: options.config, out: 'plan.json' })}`);
      return 'done';
    }
    await write(options.out, plan);
    console.log(`  plan  ${nearby(options.out)}`);
    console.log(`  hash  ${plan.hash}`);
    return 'done';
  },
});

async function write(file: string, plan: Plan): Promise<void> {
  try {
    await replaceFile(file, serializePlan(plan));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new OperationalError(
      'NOT_WRITTEN',
      `The plan was not written to ${file}: ${reason}. Name another file with --out.`,
    );
  }
}

const shownAtMost = 40;

function renderPlan({ databases, leftOut }: Plan): string[] {
  const shown = databases.slice(0, shownAtMost);
  const width = Math.max(...shown.map(({ name }) => oneLine(name).length));
  const totalMs = databases.reduce((sum, { expectedMs }) => sum + expectedMs, 0);
  return [
    ...shown.map((each) => renderDatabase(each, width)),
    ...(databases.length > shown.length ? [styleText('dim', `  and ${databases.length - shown.length} more`)] : []),
    ...leftOut
      .slice(0, shownAtMost)
      .map(({ name, why }) => styleText('yellow', `  left out: ${oneLine(name)}: ${oneLine(why)}`)),
    '',
    `  ${count(databases.length, 'database')}, about ${span(totalMs)} one after the other`,
  ];
}

function renderDatabase(
  { name, sizeBytes, expectedMs, overdueMs, rehearsals, engine }: PlannedDatabase,
  width: number,
) {
  const size = sizeBytes === null ? '-' : formatBytes(sizeBytes);
  const due = overdueMs === null ? 'never ran' : overdueMs === 0 ? '' : `overdue by ${span(overdueMs)}`;
  const columns = [oneLine(name).padEnd(width), size.padStart(9), span(expectedMs).padStart(7), engine.padEnd(6)];
  return `  ${columns.join('  ')}  ${rehearsals.join(', ')}  ${styleText('yellow', due)}`.trimEnd();
}

function span(ms: number): string {
  return prettyMilliseconds(ms, { compact: true });
}
