import { randomUUID } from 'node:crypto';
import type { Reporter, TestCase, TestModule, TestRunEndReason } from 'vitest/node';
import { buildEvidence, type FinishedStep, type RunFacts } from './build.ts';
import { forgetUndelivered, readUndelivered, type Undelivered } from './delivery/undelivered.ts';
import type { Outcome } from './outcome.ts';
import type { Evidence } from './schema.ts';
import { signEvidence, type SignedEvidence } from './sign/sign-evidence.ts';
import type { Signer } from './sign/signer.ts';
import type { Destinations, Screen } from './sinks/sink.ts';
import { stampSignature } from './stamp/stamp-bundle.ts';
import { describeStrayError } from './stray-error.ts';
import { rehearsalName } from './rehearsal-name.ts';
import { publishRun } from './sinks/table.ts';
import { recordEvidence } from './ledger/record.ts';

/** What a run has in common for all its rehearsals. */
export interface SharedFacts extends Pick<RunFacts, 'about' | 'trigger' | 'host' | 'targets' | 'controls' | 'plan'> {
  /** How often the profile asks for a rehearsal; null where it does not say. */
  frequencyMs: number | null;
}

/** Who vouches for evidence: a key, and an authority for time stamps by its URL. */
export interface Vouchers {
  signer: Signer | null;
  authority: string | null;
}

/** Where evidence goes, what all of a run has in common, who vouches for it and who is told of it. */
export interface Reporting {
  reports: string;
  shared: SharedFacts;
  vouchers: Vouchers;
  destinations: Destinations;
}

/** What is done with a finished run. */
export type PublishRun = typeof publishRun;

const interruption = { code: 'INTERRUPTED', message: 'The rehearsal was interrupted before its end.' };

/** Turns a finished Vitest run into evidence, from what its steps recorded and from what Vitest says of their tests, and publishes it. */
export class EvidenceReporter implements Reporter {
  /** Rehearsals whose evidence has been written. */
  readonly written: Outcome[] = [];
  /** The same once all are, for reporters beside this one; those that could not be written are missing. */
  readonly finished: Promise<readonly Outcome[]>;
  #finish: () => void = () => undefined;
  readonly #reporting: Reporting;
  readonly #screen: Screen;
  readonly #publish: PublishRun;
  readonly #startedAt = new Map<string, Date>();
  readonly #finishedAt = new Map<string, Date>();

  /** @param publish in place of telling everybody at once, for rehearsals that are a part of something larger */
  constructor(reporting: Reporting, screen: Screen, publish: PublishRun = publishRun) {
    this.#reporting = reporting;
    this.#screen = screen;
    this.#publish = publish;
    this.finished = new Promise((resolve) => {
      this.#finish = () => {
        resolve(this.written);
      };
    });
  }

  /** While rehearsals are at work, this process has time. */
  onTestRunStart(): void {
    const { reports } = this.#reporting;
    import('./page/load-pages.ts').then(({ loadPages }) => loadPages(reports)).catch(() => undefined);
  }

  onTestModuleQueued({ id }: TestModule): void {
    this.#startedAt.set(id, new Date());
  }

  onTestModuleEnd({ id }: TestModule): void {
    this.#finishedAt.set(id, new Date());
  }

  async onTestRunEnd(
    modules: readonly TestModule[],
    unhandledErrors: readonly { message: string }[],
    reason: TestRunEndReason,
  ): Promise<void> {
    try {
      await this.#recordAll(modules, unhandledErrors, reason);
    } finally {
      this.#finish();
    }
    const { reports, destinations } = this.#reporting;
    await this.#publish({ reports, outcomes: this.written, screen: this.#screen, destinations });
  }

  async #recordAll(
    modules: readonly TestModule[],
    unhandledErrors: readonly { message: string }[],
    reason: TestRunEndReason,
  ): Promise<void> {
    const interrupted = reason === 'interrupted';
    const undelivered = await readUndelivered(this.#reporting.reports);
    for (const [index, module] of this.#inOrder(modules).entries()) {
      const messages = [...module.errors(), ...unhandledErrors].map(describeStrayError);
      const errors = messages.map((message) => ({ code: 'INTERNAL', message }));
      await this.#record(module, interrupted ? [interruption] : errors, index === 0 ? undelivered : []);
    }
    if (this.written.length > 0) await forgetUndelivered(this.#reporting.reports, undelivered);
  }

  /** As they ran; those that did not come last. */
  #inOrder(modules: readonly TestModule[]): TestModule[] {
    const startedAt = ({ id }: TestModule) => this.#startedAt.get(id)?.getTime() ?? Infinity;
    return modules.toSorted((a, b) => startedAt(a) - startedAt(b) || 0);
  }

  async #record(module: TestModule, errors: RunFacts['errors'], undelivered: Undelivered[]): Promise<void> {
    const steps = [...module.children.allTests()];
    // One that never ended did so with the run.
    const finishedAt = this.#finishedAt.get(module.id) ?? new Date();
    const built = buildEvidence(
      {
        ...this.#reporting.shared,
        id: randomUUID(),
        rehearsal: rehearsalName(module.moduleId),
        startedAt: this.#startedAt.get(module.id) ?? finishedAt,
        finishedAt,
        errors,
        leftBehind: module.meta().leftBehind ?? [],
        undelivered,
      },
      steps.map(finishedStep),
    );
    const logs = Object.assign({}, ...steps.map((step) => step.meta().step?.contribution.logs ?? {})) as Record<
      string,
      string
    >;
    const kept = steps.map((step) => step.meta().step?.contribution.kept).find((text) => text !== undefined);
    const { reports, shared, vouchers } = this.#reporting;
    const sign = (evidence: Evidence) => vouchFor(evidence, vouchers);
    this.written.push({ ...(await recordEvidence(reports, built, logs, sign, shared.frequencyMs)), logs, kept });
  }
}

/** Signs evidence, and has the signature stamped. */
export async function vouchFor(unsigned: Evidence, { signer, authority }: Vouchers): Promise<SignedEvidence> {
  const { evidence, signature } = await signEvidence(unsigned, signer);
  return { evidence, signature: await stampSignature(signature, authority) };
}

function finishedStep(test: TestCase): FinishedStep {
  const { state, errors = [] } = test.result();
  const { step, plan } = test.meta();
  return {
    name: test.name,
    state,
    errors: errors.map(({ message }) => message),
    plannedChecks: plan?.checks ?? [],
    meta: step,
  };
}
