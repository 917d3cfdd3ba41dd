import { constrainedMemory } from '../system/memory.ts';
import { fitSettings } from '../engine/fit-settings.ts';
import { stockSettings } from '../engine/throwaway-settings.ts';
import type { Contribution } from '../evidence/contribution.ts';
import type { Evidence } from '../evidence/schema.ts';
import { OperationalError } from '../system/operational-error.ts';
import type { Drill } from './drill.ts';

type Unlike = Evidence['environment']['unlikeProduction'];

/** With whose settings the disposable server runs. */
export interface Pace {
  from: Evidence['environment']['settingsFrom'];
  /** In place of those for data that nobody will miss. */
  settings?: Record<string, string>;
  lowered: string[];
  /** As production has them; null where nothing says it. */
  recorded: Record<string, string> | null;
}

/**
 * Chooses the settings for a drill on seeded data, which has no production: with --faithful those that a server has that nobody
 * tunes. Pure.
 */
export function paceOfSeed({ choices }: Pick<Drill, 'choices'>): Pace {
  if (choices.faithful !== true) return { from: 'throwaway', lowered: [], recorded: null };
  return { from: 'stock', settings: { ...stockSettings }, lowered: [], recorded: null };
}

/**
 * Chooses the settings for the restore of a backup: with --faithful those of its source, as its manifest has them.
 * @throws OperationalError SETTINGS_NOT_RECORDED: times on another server would be taken for those of production
 */
export function paceOfBackup(drill: Drill, recorded: Record<string, string> | null, file: string): Pace {
  if (drill.choices.faithful !== true) return { from: 'throwaway', lowered: [], recorded };
  if (recorded !== null) return { from: 'production', ...fitSettings(recorded, constrainedMemory()), recorded };
  const message = `--faithful takes the settings that the source of a backup had, and nothing beside ${file} says what they were: its manifest is of an earlier release, or it has none. Take a backup that records them (${drill.suggest('backup')}), or rehearse without --faithful: the recovery time is then that of a server for data that nobody will miss.`;
  throw new OperationalError('SETTINGS_NOT_RECORDED', message);
}

/**
 * A server that somebody else provides has the settings that it has.
 * @throws OperationalError BAD_USAGE
 */
export function paceOfTarget({ choices }: Pick<Drill, 'choices'>, { recorded }: Pace): Pace {
  if (choices.faithful !== true) return { from: 'target', lowered: [], recorded };
  const message = `--faithful has a server started with the settings of production, and a target is somebody else's and keeps its own. Leave one of them out.`;
  throw new OperationalError('BAD_USAGE', message);
}

/**
 * What of the evidence follows from it. Pure.
 * @param here as the disposable server has them
 * @param major of the disposable server
 */
export function describePace(
  { from, recorded, lowered }: Pace,
  here: Record<string, string>,
  major: number,
): Required<Pick<Contribution, 'coverage'>> & {
  environment: Pick<Evidence['environment'], 'settingsFrom' | 'unlikeProduction'>;
} {
  const names = Object.keys({ ...here, ...recorded }).sort();
  const unlike: Unlike = names.flatMap((name) => {
    const [own, production] = [here[name] ?? 'unknown', recorded?.[name] ?? null];
    const isLike = production === null ? own === stockSettings[name] || !(name in stockSettings) : own === production;
    return isLike ? [] : [{ name, here: own, production }];
  });
  const copied = here['fsync'] === 'off' && major >= 15 ? [copiedByFile] : [];
  return {
    environment: { settingsFrom: from, unlikeProduction: [...unlike, ...copied] },
    coverage: coverageOf(from, lowered),
  };
}

/** See src/postgres/copy-strategy.ts. */
const copiedByFile = { name: 'CREATE DATABASE strategy', here: 'file_copy', production: 'wal_log' };

function coverageOf(from: Pace['from'], lowered: string[]): Evidence['coverage'] {
  const place =
    from === 'production' ? 'on the machine of production' : 'with the settings and on the machine of production';
  const machine = 'its machine, disks and load are its own';
  const whys = {
    throwaway: `the server runs with settings for data that nobody will miss, and is faster for it; --faithful takes those of production; ${machine}`,
    stock: `the data was seeded, and the server runs with settings that nobody has tuned; ${machine}`,
    target: `the server is one that somebody else provides, with settings of its own and whatever else it is at; ${machine}`,
    production: `the settings are those that production had when the backup was taken${lowered.length === 0 ? '' : `, but for ${lowered.join('; ')}`}; ${machine}`,
  };
  return { checked: [], notChecked: [{ what: `how long a restore takes ${place}`, why: whys[from] }] };
}
