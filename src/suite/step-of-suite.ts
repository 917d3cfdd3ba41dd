import type { Drill } from '../rehearsal/drill.ts';
import { runStep, type StepBody } from '../rehearsal/step.ts';

/** Runs a step outside a rehearsal, and resolves with what it made. @throws Error with what the step found */
export async function makeWith<Made, Needs>(drill: Drill, body: StepBody<Needs, Made>, needs: Needs): Promise<Made> {
  const { meta, made } = await runStep(drill, body, needs);
  if (meta.status === 'passed') return made as Made;
  const { findings = [] } = meta.contribution;
  const found = findings
    .filter(({ severity }) => severity === 'error')
    .map(({ rule, message }) => `${rule}: ${message}`);
  throw new Error(meta.error?.message ?? found.join('\n'));
}
