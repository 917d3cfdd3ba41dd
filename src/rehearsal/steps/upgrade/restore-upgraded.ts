import type { RestoredDatabase, RestoreSite } from '../../restore-site.ts';
import type { StepBody } from '../../step.ts';
import { describeRemoved, removed } from '../../upgrade/removed.ts';
import { upgradeOf } from '../../upgrade/upgrade.ts';
import type { ExaminedBackup } from '../examine.ts';
import { restoreBackup } from '../restore-backup.ts';

/** Restores a backup with the tools of the new major. What stops it and was removed there is called by that name. */
export const restoreUpgraded: StepBody<{ site: RestoreSite; backup: ExaminedBackup }, RestoredDatabase> = async (
  drill,
  needs,
  say,
) => {
  const result = await restoreBackup(drill, needs, say);
  const { to } = upgradeOf(needs.site.served);
  const findings = result.findings?.map((finding) => {
    const known = removed.find(({ name, since }) => since <= to && isNamed(finding.message, name));
    const also = known === undefined ? described.find(({ pattern }) => pattern.test(finding.message))?.why : undefined;
    const why = known === undefined ? also : `${known.name}: ${describeRemoved(known)}`;
    return why === undefined ? finding : { ...finding, message: `${finding.message} (${why})` };
  });
  const failed = findings?.filter(({ severity }) => severity === 'error') ?? [];
  return {
    ...result,
    ...(findings && { findings }),
    ...(failed.length > 0 && { summary: `not ready: ${failed.map(({ object }) => object).join(', ')}` }),
  };
};

function isNamed(message: string, name: string): boolean {
  return new RegExp(String.raw`(?<![\w$])${name}(?![\w$])`, 'i').test(message);
}

/** Errors of a restore that come of a newer major, whatever the object is called. By its release notes. */
const described: readonly { pattern: RegExp; why: string }[] = [
  {
    pattern: /function array_(?:append|prepend|cat|position|positions|remove|replace)\(any|function width_bucket\(any/,
    why: 'since PostgreSQL 14 these functions take anycompatible and anycompatiblearray: create what uses them anew before the upgrade',
  },
  {
    pattern: /postfix operators are not supported|operator right argument type must be specified/i,
    why: 'postfix operators were removed in PostgreSQL 14',
  },
  {
    pattern: /type "?(?:pg_catalog\.)?(?:abstime|reltime|tinterval)"? does not exist/,
    why: 'the type was removed in PostgreSQL 12',
  },
  {
    pattern: /partitioned tables cannot be unlogged/,
    why: 'PostgreSQL 18 refuses what earlier ones took without effect: alter table … set logged',
  },
];
