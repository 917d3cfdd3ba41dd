import type { FinishedRun } from '../sinks/sink.ts';
import { patience, send, type Patience } from './send.ts';

/**
 * Posts a text as Slack takes it, which Mattermost, Rocket.Chat, Google Chat and Discord (with /slack behind its address) do, too.
 * @throws NotDelivered
 */
export async function postText(webhook: URL, text: string, within: Patience = patience): Promise<void> {
  await send(webhook, { method: 'POST', body: { text } }, within);
}

/** Whoever has interrupted a run waits for it to end, and is not waited for long. */
const interruptedMs = 5000;

/** How long a run waits for what it delivers. Pure. */
export function patienceOf({ outcomes }: Pick<FinishedRun, 'outcomes'>): Patience {
  const interrupted = outcomes.some(({ evidence }) =>
    evidence.steps.some(({ error }) => error?.code === 'INTERRUPTED'),
  );
  return interrupted ? { ...patience, deadlineMs: interruptedMs } : patience;
}
