import { readFile } from 'node:fs/promises';
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
      for (const { type, text } of annotationsOf(outcome)) await this.#annotate(module, type, text);
    }
  }

  /** At the step that failed. */
  async #annotate(module: TestModule, type: string, message: string): Promise<void> {
    const tests = [...module.children.allTests()];
    const test = tests.find((one) => one.result().state === 'failed') ?? tests[0];
    const file = module.moduleId;
    const annotation = { type, message, location: { file, ...(await findName(test?.name, file)) } };
    // It does not look at the test.
    this.#vitests.onTestCaseAnnotate(test as NonNullable<typeof test>, annotation satisfies TestAnnotation);
  }
}

/** Where a file has a text for the first time; its start where it has not. Lines and columns count from 1. */
async function findName(name: string | undefined, file: string): Promise<{ line: number; column: number }> {
  const text = name === undefined ? '' : await readFile(file, 'utf8').catch(() => '');
  const before = text.slice(0, Math.max(text.indexOf(name ?? ''), 0)).split('\n');
  return { line: before.length, column: (before.at(-1) ?? '').length + 1 };
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
