import { oneLine } from '../../terminal/one-line.ts';
import type { Plan } from '../plan.ts';

/**
 * A first rehearsal of the user's own: what ours does with the newest backup, and one question that only they can answer. It has the
 * name of ours, and so stands in its place wherever that is run. Pure.
 */
export function renderRehearsal({ database }: Plan): string {
  return `/**
 * The newest backup of ${comment(database.name)}, restored as after a fire, and asked what you know of it.
 *
 * It is yours to change, and stands in place of latest-backup of restore-rehearsal: by hand, and every night.
 */
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
  withClient,
  type RestoredDatabase,
  type StepBody,
} from 'restore-rehearsal';

/**
 * Each question gives one boolean: whether it is true of the restored database. Put yours here: the first administrator is there,
 * no order is without a customer, the newest booking is of this week. The login may only read. No row of it goes into the evidence.
 */
const questions = {
  'there are tables':
    "select count(*) > 0 from pg_catalog.pg_tables where schemaname not in ('pg_catalog', 'information_schema')",
  // 'every order has its customer': 'select not exists (select from orders where customer_id is null)',
};

const askWhatHasToBeTrue: StepBody<{ restored: RestoredDatabase }> = (_drill, { restored }) =>
  withClient(restored.asReader, async (client) => {
    const untrue: string[] = [];
    for (const [what, sql] of Object.entries(questions)) {
      const { rows } = await client.query({ text: sql, rowMode: 'array' });
      if (rows[0]?.[0] !== true) untrue.push(what);
    }
    const asked = Object.keys(questions).length;
    return {
      summary: untrue.length === 0 ? \`\${asked} asked, all true\` : \`not true: \${untrue.join('; ')}\`,
      checks: [
        {
          id: 'own-questions',
          status: untrue.length === 0 ? 'passed' : 'failed',
          reason: null,
          expected: \`\${asked} true\`,
          actual: untrue.length === 0 ? \`\${asked} true\` : \`not true: \${untrue.join('; ')}\`,
        },
      ],
    };
  });

rehearsal((step) => {
  const chosen = step('Choose the backup', selectBackup, {}, { checks: ['backup-found'] });
  const served = step('Start a disposable PostgreSQL', startServerForBackup, { backup: chosen });
  const backup = step('Examine the backup', examineChosen, { served, backup: chosen }, { checks: ['backup-intact'] });
  const site = step('Create an empty database', prepareTarget, { served, backup }, { checks: ['roles-restored', 'recreated-empty'] });
  const restored = step('Restore the backup', restoreBackup, { site, backup }, { checks: ['restore-status'] });
  const counts = step('Compare with what it has to hold', compareWithBackup, { restored, backup }, { checks: comparisonChecks });
  step('Ask what has to be true', askWhatHasToBeTrue, { restored }, { checks: ['own-questions'] });
  const application = step('Check the application', checkOnRestored, { restored }, { checks: ['application-answers'] });
  step('Check tables and indexes', checkStructure, { restored }, { checks: ['structure'] });
  const freshness = step('Ask for the newest row', askForNewestRow, { restored, backup: chosen });
  step('Unmask the health check', closeUnderApplication, { restored, application }, { checks: ['health-while-database-gone'] });
  step('Judge age and volume', judgeBackup, { backup: chosen, counts, freshness }, { checks: ['rto', 'rpo', 'freshness', 'volume'] });
});
`;
}

/** Inside of a comment. */
function comment(text: string): string {
  return oneLine(text).replaceAll('*/', '* /');
}
