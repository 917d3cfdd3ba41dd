import { examineSource, withAnswer, type Answer } from '../../init/examine-source.ts';
import type { Plan } from '../../init/plan.ts';
import type { SourceChoice } from '../../source/open-source.ts';
import { readEnvironment } from '../../system/environment.ts';
import { OperationalError } from '../../system/operational-error.ts';

/** The plan, with what the live database says of itself where it can be read. */
export interface Live {
  plan: Plan;
  /** null where there is none, or it cannot be read. */
  answer: Answer | null;
  /** Why it cannot be read. */
  problem: string | null;
  choice: SourceChoice;
}

/** @param url as it was typed, with its password */
export async function askLive(plan: Plan, url: string | null): Promise<Live> {
  const choice = choiceOf(plan, url);
  if (choice.url === null && choice.composeService === null) return { plan, answer: null, problem: null, choice };
  try {
    const answer = await examineSource(choice, plan, readEnvironment(), new AbortController().signal);
    return { plan: withAnswer(plan, answer), answer, problem: null, choice };
  } catch (error) {
    if (!(error instanceof OperationalError)) throw error;
    return { plan, answer: null, problem: error.message, choice };
  }
}

function choiceOf({ source }: Plan, url: string | null): SourceChoice {
  if (source?.kind === 'compose') return { url: null, composeService: source.service, composeProject: source.project };
  return { url: source === null ? null : (url ?? source.url), composeService: null, composeProject: null };
}
