import type { TakenBackup } from '../../backup/take-backup.ts';
import type { Facts } from '../../evidence/schema.ts';
import { basename } from 'node:path';
import { backUp } from '../backup.ts';
import { copyBackups, isProven } from '../offsite.ts';
import { isPruned, pruneAsAsked } from '../prune.ts';
import { judgeRehearsals } from './judge-rehearsals.ts';
import { rehearseTonight } from './rehearse-tonight.ts';
import { isGood, type Done, type Stage, type StageName } from './stage.ts';

const noDirectory = 'the profile says no backups.directory';

/** Every stage of a night, in order. */
export const stages: Readonly<Record<StageName, Stage>> = {
  backup: {
    title: 'Take a backup',
    check: 'backup-taken',
    notConfigured: ({ options, loaded: { profile } }) => {
      if (profile.backups === undefined) return noDirectory;
      const named = [options.url, options.composeService, profile.database.url, profile.backups.composeService];
      if (named.some((source) => source !== null && source !== undefined)) return null;
      return 'neither database.url nor backups.composeService says where the database is';
    },
    obstacle: () => null,
    run: async (night) => {
      night.taken = await backUp({ ...night.options, dir: null, encryptTo: null }, () => night.interrupted);
      return { verdict: 'verified', problem: null, facts: factsOf(night.taken), subject: subjectOf(night.taken) };
    },
  },
  offsite: {
    title: 'Copy backups off-host',
    check: 'off-host-copy',
    notConfigured: ({ loaded: { profile } }) => {
      if (profile.backups === undefined) return noDirectory;
      return profile.backups.offsite === undefined ? 'the profile says no backups.offsite' : null;
    },
    // What could not be taken tonight does not keep earlier backups here.
    obstacle: () => null,
    run: async ({ options: { config }, interrupted }) => {
      const outcomes = await copyBackups({ config, to: null, dir: null }, () => interrupted);
      const count = (wanted: string) => outcomes.filter(({ state }) => state === wanted).length;
      const facts = { copied: count('copied'), copiedBefore: count('was-copied'), failed: count('failed') };
      if (isProven(outcomes)) return { verdict: 'verified', problem: null, facts };
      const reasons = outcomes.flatMap(({ state, stem, reason }) =>
        state === 'failed' ? [`${stem}: ${reason ?? ''}`] : [],
      );
      const message = reasons.length === 0 ? 'There is no backup that could be copied.' : reasons.join('\n');
      return couldNot('OFFSITE_FAILED', message, facts);
    },
  },
  rehearse: {
    title: 'Rehearse a restore',
    check: 'restore-rehearsed',
    notConfigured: () => null,
    obstacle: () => null,
    run: async (night) => {
      await rehearseTonight(night);
      return judgeRehearsals(night.outcomes, night.taken);
    },
  },
  prune: {
    title: 'Delete old backups',
    check: 'retention-applied',
    notConfigured: ({ loaded: { profile } }) => (profile.backups === undefined ? noDirectory : null),
    // Older backups are all there is as long as the newest one is not known to restore.
    obstacle: ({ results }) =>
      isGood(results.find(({ stage }) => stage === 'rehearse'))
        ? null
        : 'nothing is deleted before a restore was rehearsed and verified',
    run: async ({ options: { config }, interrupted }) => {
      const result = await pruneAsAsked({ config, dir: null, dryRun: false }, () => interrupted);
      const pruned = result.decisions.filter(({ action }) => action === 'prune').length - result.failed.length;
      const facts = { deleted: pruned, kept: result.decisions.length - pruned, freedBytes: result.freedBytes };
      if (isPruned(result)) return { verdict: 'verified', problem: null, facts };
      return couldNot('NOT_PRUNED', [...result.doubts, ...result.failed].join('\n'), facts);
    },
  },
};

export const stageNames = Object.keys(stages) as StageName[];

function couldNot(code: string, message: string, facts: Facts): Done {
  return { verdict: 'could-not-run', problem: { code, message }, facts };
}

function factsOf({ set, manifest: { bytes, sha256 } }: TakenBackup): Facts {
  return { file: basename(set.dump), bytes, sha256 };
}

function subjectOf({ set, manifest }: TakenBackup): Done['subject'] {
  const { sha256, bytes, takenAt, format, dumpVersion } = manifest;
  return { file: basename(set.dump), sha256, bytes, takenAt, format, dumpVersion };
}
