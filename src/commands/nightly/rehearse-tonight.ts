import { rehearse } from '../rehearse.ts';
import type { Night } from './stage.ts';

/**
 * Rehearses what there is after the stages before. Who is to be told is told once, of the whole night, when that is over.
 * @throws OperationalError
 */
export async function rehearseTonight(night: Night): Promise<void> {
  const { options, reporting, interrupted, loaded } = night;
  if (reporting instanceof Error) throw reporting;
  const asked = {
    ...options,
    all: false,
    list: false,
    open: false,
    keep: false,
    backup: null,
    newestIn: null,
    source: null,
    globals: null,
    plan: null,
    shard: null,
    shards: null,
    disk: null,
  };
  const names = night.rehearsals.length > 0 || loaded.profile.backups === undefined ? night.rehearsals : ofBackups;
  await rehearse(asked, names, {
    interruptible: () => interrupted,
    reporting,
    publish: ({ outcomes }) => {
      night.outcomes = [...outcomes];
      return Promise.resolve();
    },
  });
}

const ofBackups = ['latest-backup'];
