/** The newest backup, restored into a newer major version of PostgreSQL with its tools: says "ready", or what is not. */
import {
  checkFunctions,
  checkOnRestored,
  checkStructure,
  compareWithBackup,
  comparisonChecks,
  examineChosen,
  findRefused,
  judgeUpgrade,
  prepareTarget,
  rehearsal,
  restoreUpgraded,
  selectBackup,
  startServerForUpgrade,
} from 'restore-rehearsal';

rehearsal((step) => {
  const chosen = step('Choose the backup', selectBackup, {}, { checks: ['backup-found'] });
  const served = step('Start the newer PostgreSQL', startServerForUpgrade, { backup: chosen });
  const backup = step('Examine the backup', examineChosen, { served, backup: chosen }, { checks: ['backup-intact'] });
  step('Look for what it refuses', findRefused, { served, backup }, { checks: ['upgrade-accepted'] });
  const site = step(
    'Create an empty database',
    prepareTarget,
    { served, backup },
    { checks: ['roles-restored', 'recreated-empty'] },
  );
  const restored = step('Restore the backup', restoreUpgraded, { site, backup }, { checks: ['restore-status'] });
  step('Compare with what it has to hold', compareWithBackup, { restored, backup }, { checks: comparisonChecks });
  step('Let it read the functions', checkFunctions, { restored }, { checks: ['upgrade-functions'] });
  step('Check the application', checkOnRestored, { restored }, { checks: ['application-answers'] });
  step('Check tables and indexes', checkStructure, { restored }, { checks: ['structure'] });
  step('Judge the upgrade', judgeUpgrade, { restored, backup }, { checks: ['upgrade-ready'] });
});
