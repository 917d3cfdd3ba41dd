import { patienceOf } from '../delivery/post-text.ts';
import { send } from '../delivery/send.ts';
import type { DeliverySink } from './sink.ts';

/** A sign of life to a service that raises an alarm when it stays away: of a run that is verified, and of no other. */
export const heartbeat: DeliverySink = {
  deliver: async (run) => {
    const { heartbeat: to } = run.destinations;
    if (to !== null && run.verdict === 'verified') await send(to, { method: 'GET' }, patienceOf(run));
  },
};
