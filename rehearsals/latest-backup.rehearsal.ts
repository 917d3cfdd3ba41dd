/** The newest backup that production made, restored as after a fire: chosen, examined, compared with its manifest, judged. */
import { comparisonChecks } from '../src/rehearsal/comparison.ts';
import { rehearsal } from '../src/rehearsal/rehearsal.ts';
import { checkOnRestored } from '../src/rehearsal/steps/check-application.ts';
import { checkStructure } from '../src/rehearsal/steps/check-structure.ts';
import { compareWithBackup } from '../src/rehearsal/steps/compare.ts';
import { examineChosen } from '../src/rehearsal/steps/examine.ts';
import { judgeBackup } from '../src/rehearsal/steps/judge-backup.ts';
import { askForNewestRow } from '../src/rehearsal/steps/newest-row.ts';
import { prepareTarget } from '../src/rehearsal/steps/prepare-target.ts';
import { restoreBackup } from '../src/rehearsal/steps/restore-backup.ts';
import { selectBackup } from '../src/rehearsal/steps/select-backup.ts';
import { startServerForBackup } from '../src/rehearsal/steps/start-server.ts';
import { closeUnderApplication } from '../src/rehearsal/steps/unmask.ts';

rehearsal((step) => {
  const chosen = step('Choose the backup', selectBackup, {}, { checks: ['backup-found'] });
  const served = step('Start a disposable PostgreSQL', startServerForBackup, { backup: chosen });
  const backup = step('Examine the backup', examineChosen, { served, backup: chosen }, { checks: ['backup-intact'] });
  const site = step(
    'Create an empty database',
    prepareTarget,
    { served, backup },
    { checks: ['roles-restored', 'recreated-empty'] },
  );
  const restored = step('Restore the backup', restoreBackup, { site, backup }, { checks: ['restore-status'] });
  const counts = step(
    'Compare with what it has to hold',
    compareWithBackup,
    { restored, backup },
    { checks: comparisonChecks },
  );
  const application = step('Check the application', checkOnRestored, { restored }, { checks: ['application-answers'] });
  step('Check tables and indexes', checkStructure, { restored }, { checks: ['structure'] });
  const freshness = step('Ask for the newest row', askForNewestRow, { restored, backup: chosen });
  step(
    'Unmask the health check',
    closeUnderApplication,
    { restored, application },
    { checks: ['health-while-database-gone'] },
  );
  step(
    'Judge age and volume',
    judgeBackup,
    { backup: chosen, counts, freshness },
    { checks: ['rto', 'rpo', 'freshness', 'volume'] },
  );
});
