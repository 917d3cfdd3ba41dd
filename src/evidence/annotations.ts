import type { TestAnnotation } from 'vitest';
import { GithubActionsReporter, type Reporter, type TestModule, type Vitest } from 'vitest/node';
import { titleOf, whatSpeaksAgainst } from './describe.ts';
import type { Outcome } from './outcome.ts';
import { rehearsalName } from './rehearsal-name.ts';

/**
 * Annotations for GitHub, as Vitest writes them: one for each rehearsal that is not verified, as GitHub shows ten of a step, and one
 * for its warnings. Of itself it would write none, for our errors carry no stack, and a summary that counts files.
 */
export class AnnotationReporter implements Reporter {
  readonly #vitests = new GithubActionsReporter();
  readonly #finished: Promise<readonly Outcome[]>;

  constructor(finished: Promise<readonly Outcome[]>) {
    this.#finished = finished;
  }

  onInit(vitest: Vitest): void {
    this.#vitests.onInit(vitest);
  }

  async onTestRunEnd(modules: readonly TestModule[]): Promise<void> {
    const outcomes = await this.#finished;
    for (const module of modules) {
      const outcome = outcomes.find(({ evidence }) => evidence.rehearsal === rehearsalName(module.moduleId));
      for (const { type, text } of annotationsOf(outcome)) this.#annotate(module, type, text);
    }
  }

  /** At the step that failed. */
  #annotate(module: TestModule, type: string, message: string): void {
    const tests = [...module.children.allTests()];
    const test = tests.find((one) => one.result().state === 'failed') ?? tests[0];
    const { line, column } = test?.location ?? { line: 1, column: 1 };
    const annotation = { type, message, location: { file: module.moduleId, line, column } };
    // It does not look at the test.
    this.#vitests.onTestCaseAnnotate(test as NonNullable<typeof test>, annotation satisfies TestAnnotation);
  }
}

interface Told {
  type: 'error' | 'warning';
  text: string;
}

function annotationsOf(outcome: Outcome | undefined): Told[] {
  if (outcome === undefined) return [{ type: 'error', text: 'could-not-run: the evidence could not be written.' }];
  const { evidence } = outcome;
  const title = titleOf(evidence);
  const against = [`${title}: ${evidence.verdict}`, ...whatSpeaksAgainst(evidence)];
  const warnings = evidence.findings.filter(({ severity }) => severity === 'warning');
  const warned = [title, ...warnings.map(({ rule, message }) => `${rule}: ${message}`)];
  return [
    ...(evidence.verdict === 'verified' ? [] : [{ type: 'error' as const, text: against.join('\n') }]),
    ...(warnings.length === 0 ? [] : [{ type: 'warning' as const, text: warned.join('\n') }]),
  ];
}
