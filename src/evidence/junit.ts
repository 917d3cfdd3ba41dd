import type { RunnerTask, RunnerTestFile } from 'vitest';
import { experimental_getRunnerTask, JUnitReporter, type Reporter, type TestModule, type Vitest } from 'vitest/node';
import { whatSpeaksAgainst } from './describe.ts';
import type { Outcome } from './outcome.ts';
import { rehearsalName } from './rehearsal-name.ts';

/**
 * JUnit's XML, as Vitest writes it, with one case more for each rehearsal: its verdict. By its steps alone, a rehearsal whose worker
 * died, that was interrupted, or that did not come to a check would look as if it had passed.
 */
export class VerdictJUnitReporter implements Reporter {
  readonly #vitests: JUnitReporter;
  readonly #finished: Promise<readonly Outcome[]>;
  #opened = Promise.resolve();

  constructor(outputFile: string, finished: Promise<readonly Outcome[]>) {
    this.#vitests = new JUnitReporter({ outputFile, suiteName: 'restore rehearsals', includeConsoleOutput: false });
    this.#finished = finished;
  }

  onInit(vitest: Vitest): void {
    this.#opened = this.#vitests.onInit(vitest);
    this.#opened.catch(() => undefined);
  }

  async onTestRunEnd(modules: readonly TestModule[]): Promise<void> {
    const outcomes = await this.#finished;
    await this.#opened;
    // Of a module, it reads nothing but the task.
    const tasks = modules.map((module) => ({ task: withVerdict(module, outcomes) }));
    await this.#vitests.onTestRunEnd(tasks as unknown as TestModule[]);
  }
}

function withVerdict(module: TestModule, outcomes: readonly Outcome[]): RunnerTestFile {
  const file = experimental_getRunnerTask(module);
  const outcome = outcomes.find(({ evidence }) => evidence.rehearsal === rehearsalName(module.moduleId));
  return { ...file, tasks: [...file.tasks.map(skippedUnlessRun), verdictCase(file, outcome)] };
}

/** What never came to its end has neither passed nor failed. */
function skippedUnlessRun(task: RunnerTask): RunnerTask {
  const { state } = task.result ?? {};
  return state === 'pass' || state === 'fail' ? task : { ...task, mode: 'skip' };
}

function verdictCase(file: RunnerTestFile, outcome: Outcome | undefined): RunnerTask {
  const verdict = outcome?.evidence.verdict ?? 'could-not-run';
  const against = outcome === undefined ? ['Its evidence could not be written.'] : whatSpeaksAgainst(outcome.evidence);
  const message = [verdict, ...against].join('\n');
  const failure = { state: 'fail' as const, duration: 0, errors: [{ name: verdict, message, stack: message }] };
  return {
    id: `${file.id}_verdict`,
    type: 'test',
    name: 'Verdict',
    fullName: 'Verdict',
    fullTestName: 'Verdict',
    mode: 'run',
    meta: {},
    timeout: 0,
    context: {} as Extract<RunnerTask, { type: 'test' }>['context'],
    file,
    suite: file,
    annotations: [],
    artifacts: [],
    result: verdict === 'verified' ? { state: 'pass', duration: 0 } : failure,
  };
}
