import { backupRules } from './backup-rules.ts';
import { differenceRules } from './difference-rules.ts';
import { drillRules } from './drill-rules.ts';
import { dumpRules } from './dump-rules.ts';
import { restoreRules } from './restore-rules.ts';
import type { RuleTexts } from './rule.ts';
import { upgradeRules } from './upgrade-rules.ts';

/** What is to be said of every rule that a finding can have, under the heading of its page. */
export const rules: Readonly<Record<string, RuleTexts>> = {
  'The backup as a file': backupRules,
  'The dump': dumpRules,
  'Errors of the restore': restoreRules,
  'Differences from the source': differenceRules,
  'An upgrade': upgradeRules,
  'The application, an incident, the run': drillRules,
};
