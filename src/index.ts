/**
 * What rehearsals and profiles import from `restore-rehearsal`: our own in `rehearsals/`, and those of users. See
 * docs/own-rehearsals.md. Whatever is added here stays.
 */
export { defineConfig } from './config/define-config.ts';
export type { Profile, ProfileInput } from './config/profile.ts';
export type { Check, Evidence, Finding } from './evidence/schema.ts';
export type { Contribution, StepPlan } from './evidence/contribution.ts';
export { withSession as withClient } from './postgres/with-session.ts';
export { comparisonChecks } from './rehearsal/comparison.ts';
export type { Drill } from './rehearsal/drill.ts';
export type { ApplicationUnderTest } from './rehearsal/application-under-test.ts';
export { archiveFaults } from './rehearsal/faults/archive-faults.ts';
export { everyFault } from './rehearsal/faults/every-fault.ts';
export type { Fault } from './rehearsal/faults/fault.ts';
export { challenge } from './rehearsal/faults/self-challenge.ts';
export { addSpecimens } from './rehearsal/faults/specimens.ts';
export { stateFaults } from './rehearsal/faults/state-faults.ts';
export { rehearsal, type DefineStep, type Handle } from './rehearsal/rehearsal.ts';
export type { RestoredDatabase, RestoreSite } from './rehearsal/restore-site.ts';
export type { ServedDatabase } from './rehearsal/served-database.ts';
export type { Say, StepBody, StepResult } from './rehearsal/step.ts';
export { captureReference } from './rehearsal/steps/capture-reference.ts';
export { checkApplication, checkOnRestored } from './rehearsal/steps/check-application.ts';
export { checkStructure } from './rehearsal/steps/check-structure.ts';
export { compareWithBackup, compareWithReference } from './rehearsal/steps/compare.ts';
export { takeDump, type TakenDump } from './rehearsal/steps/dump.ts';
export { examineChosen, type ExaminedBackup } from './rehearsal/steps/examine.ts';
export { backUp } from './rehearsal/steps/incident/back-up.ts';
export { compareLive } from './rehearsal/steps/incident/compare-live.ts';
export { damageLive } from './rehearsal/steps/incident/damage-live.ts';
export { letOthersWork } from './rehearsal/steps/incident/let-others-work.ts';
export { restoreLive } from './rehearsal/steps/incident/restore-live.ts';
export { startPgbouncer } from './rehearsal/steps/incident/start-pooler.ts';
export { switchNames } from './rehearsal/steps/incident/switch-names.ts';
export { takeBack } from './rehearsal/steps/incident/take-back.ts';
export { startAsking, stopAsking } from './rehearsal/steps/incident/traffic-steps.ts';
export { judgeBackup } from './rehearsal/steps/judge-backup.ts';
export { dumpUnderWrites, restoreCopy, startWriting, stopWriting } from './rehearsal/steps/live-writes.ts';
export { askForNewestRow } from './rehearsal/steps/newest-row.ts';
export { prepareTarget } from './rehearsal/steps/prepare-target.ts';
export { dropAndRecreate } from './rehearsal/steps/recreate.ts';
export { restoreBackup } from './rehearsal/steps/restore-backup.ts';
export { restoreDump } from './rehearsal/steps/restore.ts';
export { seedBaseline } from './rehearsal/steps/seed.ts';
export { seedOrRestore } from './rehearsal/steps/seed-or-restore.ts';
export { selectBackup, type ChosenBackup } from './rehearsal/steps/select-backup.ts';
export { startProfileApplication } from './rehearsal/steps/start-application.ts';
export {
  startSeedServer,
  startServerForBackup,
  startServerForUpgrade,
  startServerWithSmallDisk,
} from './rehearsal/steps/start-server.ts';
export { closeUnderApplication } from './rehearsal/steps/unmask.ts';
export { checkFunctions } from './rehearsal/steps/upgrade/check-functions.ts';
export { findRefused } from './rehearsal/steps/upgrade/find-refused.ts';
export { judgeUpgrade } from './rehearsal/steps/upgrade/judge-upgrade.ts';
export { restoreUpgraded } from './rehearsal/steps/upgrade/restore-upgraded.ts';
export type { OpenSnapshot } from './snapshot/take.ts';
