import { inspect, styleText } from 'node:util';
import { OperationalError } from '../../system/operational-error.ts';
import { redact } from '../../system/redact.ts';
import { complain } from '../say.ts';
import { stageNames, stages } from './stages.ts';
import type { Done, Night, StageName, StageResult } from './stage.ts';

/** Does one stage after the other. One that fails does not keep those from it that do not need it. */
export async function runStages(night: Night): Promise<void> {
  for (const name of stageNames) {
    const startedAt = performance.now();
    const result = await runStage(name, night);
    night.results.push({ stage: name, durationMs: performance.now() - startedAt, ...result });
  }
}

async function runStage(name: StageName, night: Night): Promise<DistributiveOmit<StageResult, 'stage' | 'durationMs'>> {
  const stage = stages[name];
  const notConfigured = stage.notConfigured(night);
  if (notConfigured !== null) return { status: 'not-configured', reason: notConfigured };
  const obstacle = night.interrupted.aborted ? 'the night was interrupted before it' : stage.obstacle(night);
  if (obstacle !== null) return { status: 'left-out', reason: obstacle };
  console.log(`\n${styleText('bold', stage.title)}\n`);
  try {
    return { status: 'done', ...(await stage.run(night)) };
  } catch (error) {
    const done = couldNotRun(error, night.interrupted);
    complain(done.problem?.message ?? '');
    if (!(error instanceof OperationalError)) complain(redact(inspect(error)));
    return { status: 'done', ...done };
  }
}

function couldNotRun(error: unknown, interrupted: AbortSignal): Done {
  const message = redact(error instanceof Error ? error.message : String(error));
  const code = interrupted.aborted ? 'INTERRUPTED' : error instanceof OperationalError ? error.code : 'INTERNAL';
  return { verdict: 'could-not-run', problem: { code, message }, facts: {} };
}

type DistributiveOmit<Union, Key extends string> = Union extends unknown ? Omit<Union, Key> : never;
