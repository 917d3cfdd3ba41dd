import type { Finding } from '../../../evidence/schema.ts';
import { withClient } from '../../../postgres/connection.ts';
import { findMissingExtensions } from '../../../postgres/server-lacks.ts';
import { weighTolerated } from '../../../restore/tolerance.ts';
import { count } from '../../../terminal/count.ts';
import { readNamedGlobals } from '../../named-globals.ts';
import type { ServedDatabase } from '../../served-database.ts';
import type { StepBody } from '../../step.ts';
import { describeRemoved, removedBetween } from '../../upgrade/removed.ts';
import { readCarriedSettings, tryCarriedSettings, type RefusedSetting } from '../../upgrade/settings.ts';
import { upgradeOf, type Upgrade } from '../../upgrade/upgrade.ts';
import type { ExaminedBackup } from '../examine.ts';

/** Asks the new server, before anything is restored, for the settings and extensions that come with the backup. */
export const findRefused: StepBody<{ served: ServedDatabase; backup: ExaminedBackup }> = async (
  drill,
  { served, backup },
) => {
  const upgrade = upgradeOf(served);
  const { admin } = served.server;
  const globals = (await readNamedGlobals(drill)) ?? backup.examination.globals;
  const settings = readCarriedSettings(backup, globals);
  const refused = await tryCarriedSettings(admin, served.asOwner.user, settings);
  const outline = await backup.format.outline(backup.dump);
  const extensions = outline?.extensions ?? [];
  const removedHere = removedBetween(upgrade, 'extension').filter(({ name }) => extensions.includes(name));
  const names = removedHere.map(({ name }) => name);
  const missing = names.length === 0 ? [] : await withClient(admin, (client) => findMissingExtensions(client, names));
  const findings = [
    ...refused.map((each) => settingRefused(each, upgrade)),
    ...removedHere
      .filter(({ name }) => missing.includes(name))
      .map((each): Finding => ({
        rule: 'UPGRADE_EXTENSION_REMOVED',
        severity: 'error',
        object: each.name,
        message: `The database has the extension ${each.name}, and PostgreSQL ${upgrade.to} does not: ${describeRemoved(each)}.`,
        remedy: `Drop it in production before the upgrade (drop extension ${each.name}), once nothing uses it any more.`,
      })),
  ].map((finding) => weighTolerated(finding, drill.profile.tolerate, drill.run.startedAt));
  const errors = findings.filter(({ severity }) => severity === 'error');
  return {
    summary:
      errors.length > 0
        ? `not ready: ${errors.map(({ object }) => object).join(', ')}`
        : `${count(settings.length, 'setting')} and ${count(extensions.length, 'extension')} are taken by PostgreSQL ${upgrade.to}`,
    facts: { settings: settings.length, extensions: extensions.length },
    checks: [
      {
        id: 'upgrade-accepted',
        status: errors.length > 0 ? 'failed' : 'passed',
        reason: null,
        expected: `PostgreSQL ${upgrade.to} takes every setting and extension of the database`,
        actual: errors.length > 0 ? `not ${errors.map(({ object }) => object).join(', ')}` : 'all are',
      },
    ],
    findings,
  };
};

function settingRefused({ of, name, value, reason, isUnknown }: RefusedSetting, upgrade: Upgrade): Finding {
  const known = removedBetween(upgrade, 'setting').find((each) => each.name === name.toLowerCase());
  const why = known === undefined ? reason : `${reason}; ${describeRemoved(known)}`;
  // What a setting of a known name has for a value may say something of production: its name does.
  const what = isUnknown ? name : `${name} = ${value}`;
  return {
    rule: 'UPGRADE_SETTING_REFUSED',
    severity: 'error',
    object: name,
    message: `${what} is set for ${of}, and PostgreSQL ${upgrade.to} does not take it (${why}).`,
    remedy: `Take it back in production before the upgrade (ALTER … RESET ${name}), or set what takes its place afterwards.`,
  };
}
