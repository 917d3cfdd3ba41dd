import { newsOf } from '../delivery/news.ts';
import { patienceOf, postText } from '../delivery/post-text.ts';
import { webhookText } from '../delivery/webhook-text.ts';
import type { DeliverySink } from './sink.ts';

/** A message to a chat, where a rehearsal is not verified, or is again. */
export const webhook: DeliverySink = {
  deliver: async (run) => {
    const { webhook: to } = run.destinations;
    if (to === null) return;
    const news = await newsOf(run);
    if (news.length > 0) await postText(to, webhookText(news), patienceOf(run));
  },
};
