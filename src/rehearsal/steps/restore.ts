import { restoreInto } from '../restore-database.ts';
import type { StepBody } from '../step.ts';

/** Restores the dump into the empty database, as the role that the profile asks for. */
export const restore: StepBody = async (drill) => {
  const contribution = await restoreInto(drill, drill.restored);
  drill.mark('restored');
  return contribution;
};
