/** The newest backup that production made, restored as after a fire: chosen, examined, compared with its manifest, judged. */
import { comparisonChecks } from '../src/rehearsal/comparison.ts';
import { rehearsal } from '../src/rehearsal/step.ts';
import { checkOnRestored } from '../src/rehearsal/steps/check-application.ts';
import { checkStructure } from '../src/rehearsal/steps/check-structure.ts';
import { selectBackup } from '../src/rehearsal/steps/select-backup.ts';
import { compare } from '../src/rehearsal/steps/compare.ts';
import { examineBackup } from '../src/rehearsal/steps/examine.ts';
import { judgeBackup } from '../src/rehearsal/steps/judge-backup.ts';
import { askForNewestRow } from '../src/rehearsal/steps/newest-row.ts';
import { prepareTarget } from '../src/rehearsal/steps/prepare-target.ts';
import { restoreBackup } from '../src/rehearsal/steps/restore-backup.ts';
import { startServerForBackup } from '../src/rehearsal/steps/start-server.ts';
import { closeUnderApplication } from '../src/rehearsal/steps/unmask.ts';

rehearsal((step) => {
  step('Choose the backup', selectBackup, { checks: ['backup-found'] });
  step('Start a disposable PostgreSQL', startServerForBackup);
  step('Examine the backup', examineBackup, { checks: ['backup-intact'] });
  step('Create an empty database', prepareTarget, { checks: ['roles-restored', 'recreated-empty'] });
  step('Restore the backup', restoreBackup, { checks: ['restore-status'] });
  step('Compare with what it has to hold', compare, { checks: comparisonChecks });
  step('Check the application', checkOnRestored, { checks: ['application-answers'] });
  step('Check tables and indexes', checkStructure, { checks: ['structure'] });
  step('Ask for the newest row', askForNewestRow);
  step('Unmask the health check', closeUnderApplication, { checks: ['health-while-database-gone'] });
  step('Judge age and volume', judgeBackup, { checks: ['rto', 'rpo', 'freshness', 'volume'] });
});
