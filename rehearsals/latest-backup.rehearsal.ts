/** The newest backup that production made, restored as after a fire: chosen, examined, compared with its manifest, judged. */
import {
  askForNewestRow,
  checkOnRestored,
  checkStructure,
  closeUnderApplication,
  compareWithBackup,
  comparisonChecks,
  examineChosen,
  judgeBackup,
  prepareTarget,
  rehearsal,
  restoreBackup,
  selectBackup,
  startServerForBackup,
} from 'restore-rehearsal';

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
