/** `npm run sample-report`: rehearses, and puts what came of it into docs/sample-report/, with pictures of the pages. */
import { mkdtemp, rename, rm, writeFile, copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { chromium, type Browser } from 'playwright-core';
import { findBrowser } from '../fixtures/testing/browser-program.ts';
import { makeRuns } from '../fixtures/testing/histories.ts';
import { loadProfile } from '../src/config/load-profile.ts';
import { renderHistoryPage } from '../src/evidence/page/history/history-page.tsx';
import { ProgressReporter } from '../src/evidence/progress.ts';
import { EvidenceReporter, type SharedFacts } from '../src/evidence/reporter.ts';
import { generateKey } from '../src/evidence/sign/generate-key.ts';
import { openSigner } from '../src/evidence/sign/open-signer.ts';
import { nowhere } from '../src/evidence/sinks/sink.ts';
import { describeHost } from '../src/rehearsal/trigger.ts';
import { runRehearsals, selectRehearsals } from '../src/rehearsal/run-rehearsals.ts';
import { WorkerPool } from '../src/rehearsal/runner/pool.ts';
import { readEnvironment } from '../src/system/environment.ts';

const help = `Usage: npm run sample-report

Rehearses on the local engine, and replaces docs/sample-report/ by what came of it: to be run after the pages have changed.`;

const root = fileURLToPath(new URL('..', import.meta.url));
const sample = join(root, 'docs', 'sample-report');

/** One that ends well, one of a restore that loses a row on purpose, and another that ends well. */
const rehearsals = ['clean-state', join(root, 'fixtures/damaged/row-deleted.rehearsal.ts'), 'clean-state'];

const defaults = {
  ...{
    all: false,
    engine: 'local' as const,
    image: null,
    backup: null,
    newestIn: null,
    fromOffsite: false,
    source: null,
  },
  ...{ secondOracle: null, jobs: 1, keep: false },
};

try {
  const { values } = parseArgs({ options: { help: { type: 'boolean', short: 'h', default: false } } });
  if (values.help) console.log(help);
  else await make();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}

async function make(): Promise<void> {
  const { path } = readEnvironment();
  const executablePath = await findBrowser(path);
  if (executablePath === null) throw new Error('There is no chromium here to take pictures with. Install it.');
  const reports = await mkdtemp(`${sample}-`);
  try {
    const keys = await mkdtemp(join(reports, '.keys-'));
    const key = await generateKey(join(keys, 'evidence.key'));
    for (const rehearsal of rehearsals) await rehearse(rehearsal, reports, key.privateFile);
    await copyFile(key.publicFile, join(reports, 'evidence.key.pub'));
    await rm(keys, { recursive: true });
    await rm(join(reports, '.history.json'));
    const browser = await chromium.launch({ executablePath });
    try {
      await takePictures(browser, reports);
    } finally {
      await browser.close();
    }
    await rm(sample, { recursive: true, force: true });
    await rename(reports, sample);
  } finally {
    await rm(reports, { recursive: true, force: true });
  }
}

/** As npm run rehearse does, but for what names this machine, its user and the state of this repository. */
async function rehearse(rehearsal: string, reports: string, keyFile: string): Promise<void> {
  const config = join(root, 'rehearsal.config.ts');
  const { profile } = await loadProfile(config);
  const settings = { ...defaults, rehearsals: [rehearsal], config, reports };
  const shared: SharedFacts = {
    about: { profile: profile.name, database: profile.database.name, host: 'backup-host', label: 'sample' },
    trigger: { by: 'operator', ci: null, commit: null, dirty: null, commitReason: null },
    host: { ...describeHost(), os: 'Linux x64' },
    targets: { rtoMs: profile.objectives.rto, rpoMs: profile.objectives.rpo },
    controls: ['soc2', 'iso27001'],
    frequencyMs: null,
  };
  const signing = { key: null, keyFile, variables: {} };
  const signer = await openSigner({ profile: undefined, environment: signing, directory: root });
  const reporting = { reports, shared, vouchers: { signer, authority: null }, destinations: nowhere };
  const reporter = new EvidenceReporter(reporting, { print: console.log, columns: null });
  const files = await selectRehearsals(settings, profile);
  const never = new AbortController().signal;
  await using pool = new WorkerPool();
  await runRehearsals(files, settings, [new ProgressReporter(process.stdout), reporter], pool, never);
}

/** The last run, and a history that is made up: three runs of one day show little. */
async function takePictures(browser: Browser, reports: string): Promise<void> {
  const { readHistory } = await import('../src/evidence/history/read-history.ts');
  const { runs } = await readHistory(reports);
  const [newest] = runs;
  if (newest === undefined || newest.page === null) throw new Error('Nothing was rehearsed.');
  await takePicture(browser, join(reports, newest.directory, newest.page), join(reports, 'run.png'));
  const madeUp = join(reports, '.made-up.html');
  const ledger = { lines: 700, head: 'f'.repeat(64), problem: null };
  await writeFile(madeUp, await renderHistoryPage({ runs: makeRuns(700, ['crm', 'shop']), unreadable: [], ledger }));
  await takePicture(browser, madeUp, join(reports, 'history.png'));
  await rm(madeUp);
  await rm(join(reports, '.history.json'), { force: true });
}

async function takePicture(browser: Browser, file: string, picture: string): Promise<void> {
  const page = await browser.newPage({ viewport: { width: 1000, height: 1060 }, colorScheme: 'light' });
  await page.goto(pathToFileURL(file).href);
  await page.screenshot({ path: picture });
  await page.close();
}
