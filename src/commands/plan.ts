import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { styleText } from 'node:util';
import prettyMilliseconds from 'pretty-ms';
import { loadCommon } from '../config/load-common.ts';
import { longestPartMs, sizeForKubernetes } from '../fleet/kubernetes-sizes.ts';
import { readPlan, serializePlan, type Plan, type PlannedDatabase } from '../fleet/plan.ts';
import { replaceFile, writeOnce } from '../system/durable.ts';
import { readEnvironment } from '../system/environment.ts';
import { makeDirectories } from '../system/make-directory.ts';
import { OperationalError } from '../system/operational-error.ts';
import { count } from '../terminal/count.ts';
import { formatBytes } from '../terminal/format-bytes.ts';
import { nearby } from '../terminal/nearby.ts';
import { oneLine } from '../terminal/one-line.ts';
import { suggest } from '../terminal/suggest.ts';
import { defineCommand, type Options } from './command.ts';
import { config, ofRehearsals, optionalNumber, typedPath, typedToggle } from './flags.ts';
import { planProfile } from './fleet/read-fleet.ts';
import { say, sayHeading } from './say.ts';

export const flags = {
  out: typedPath('FILE', 'where the plan goes; default: it is only shown'),
  once: typedToggle('leave a plan that is there as it is: of several jobs that start at once, one writes it'),
  kubernetes: typedPath('FILE', 'write what the plan takes, as a patch of the CronJob in deploy/kubernetes'),
  shards: optionalNumber({ from: 1, to: 10_000 }, 'how many parts there are, for --kubernetes; default 1'),
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
    const { out, once } = options;
    if (once && out === null) throw new OperationalError('BAD_USAGE', '--once takes a file to write: --out FILE');
    if (once && existsSync(out ?? '')) return sayKept(out ?? '', await readPlan(out ?? ''));
    const common = await loadCommon(options.config);
    const plan = await planProfile(common, { ...options, rehearsals }, readEnvironment());
    sayHeading('restore-rehearsal plan', `of ${plan.profile}\n`);
    for (const line of renderPlan(plan)) console.log(line);
    await writeSizes(plan, options);
    if (out === null) {
      say(`no plan was written: ${suggest('plan', { config: options.config, out: 'plan.json' })}`);
      return 'done';
    }
    const isOurs = await write(out, serializePlan(plan), once);
    if (!isOurs) return sayKept(out, await readPlan(out));
    console.log(`  plan  ${nearby(out)}`);
    console.log(`  hash  ${plan.hash}`);
    return 'done';
  },
});

function sayKept(file: string, { hash, createdAt }: Plan): 'done' {
  console.log(`  plan  ${nearby(file)} is there already, of ${createdAt}`);
  console.log(`  hash  ${hash}`);
  return 'done';
}

/** @returns false where there is one that stays */
async function write(file: string, text: string, once: boolean): Promise<boolean> {
  try {
    await makeDirectories(dirname(file));
    if (once) return await writeOnce(file, text);
    await replaceFile(file, text);
    return true;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const message = `${nearby(file)} was not written: ${reason}. Name another file, or let this account write there.`;
    throw new OperationalError('NOT_WRITTEN', message, { cause: error });
  }
}

async function writeSizes(plan: Plan, { kubernetes, shards, config: profile }: Options<typeof flags>): Promise<void> {
  if (kubernetes === null) return;
  const parts = shards ?? 1;
  const { stringify } = await import('../system/yaml.ts');
  const again = suggest('plan', { config: profile, kubernetes: nearby(kubernetes), shards: String(parts) });
  const longest = span(longestPartMs(plan, parts));
  const head = `# ${again}\n# Of ${count(plan.databases.length, 'database')}; the longest part takes about ${longest}, by ${plan.createdAt}.\n`;
  await write(kubernetes, `${head}${stringify(sizeForKubernetes(plan, parts))}`, false);
  console.log(`  sizes ${nearby(kubernetes)}, the longest part takes about ${longest}`);
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
