import type { ExportedProfile } from '../config/load-profile.ts';
import { validateProfile } from '../config/load-profile.ts';
import type { Profile } from '../config/profile.ts';
import type { Settings } from '../config/settings.ts';
import { defaultRehearsals, defaultSource } from '../rehearsal/default-rehearsals.ts';
import { findRehearsal, listRehearsals } from '../rehearsal/known-rehearsals.ts';
import { OperationalError } from '../system/operational-error.ts';
import type { FleetEntry } from './entry.ts';
import type { Candidate } from './make-plan.ts';
import { sizeOf } from './size-of.ts';

/** What flags say otherwise for all of them. */
export type Asked = Pick<Settings, 'engine' | 'image' | 'config' | 'rehearsals'>;

/**
 * Reads what the profile says of each database, and how large its newest backup is.
 * @throws OperationalError PROFILE_INVALID with what is wrong, of each that cannot be used
 */
export async function gatherCandidates(
  exported: ExportedProfile,
  entries: readonly FleetEntry[],
  asked: Asked,
  now: Date,
): Promise<Candidate[]> {
  const known = await listRehearsals(asked.config);
  const candidates: Candidate[] = [];
  const problems: string[] = [];
  for (const entry of entries) {
    try {
      const { profile } = await validateProfile(exported, entry.overrides);
      const rehearsals = await chooseRehearsals(entry, asked, profile);
      for (const name of rehearsals) findRehearsal(name, known);
      const { engine, image } = asked;
      const postgres = {
        ...profile.postgres,
        engine: engine ?? profile.postgres.engine,
        image: image ?? profile.postgres.image,
      };
      const size =
        entry.sizeBytes === null
          ? await sizeOf(profile, exported.directory, now)
          : { bytes: entry.sizeBytes, by: 'the list of databases' };
      candidates.push({
        name: entry.name,
        profile: { ...profile, postgres },
        rehearsals,
        size,
        overrides: entry.overrides,
      });
    } catch (error) {
      if (!(error instanceof OperationalError)) throw error;
      problems.push(`"${entry.name}": ${error.message}`);
    }
  }
  if (problems.length === 0) return candidates;
  const shown = problems.slice(0, shownAtMost);
  const rest = problems.length > shown.length ? [`and ${problems.length - shown.length} more like these`] : [];
  const message = `No plan was made, for a database that nobody can rehearse would be missing in the end. Of ${entries.length}:\n${[...shown, ...rest].join('\n')}`;
  throw new OperationalError('PROFILE_INVALID', message);
}

const shownAtMost = 10;

async function chooseRehearsals(entry: FleetEntry, { rehearsals }: Asked, profile: Profile): Promise<string[]> {
  if (rehearsals.length > 0) return rehearsals;
  if (entry.rehearsals !== null) return entry.rehearsals;
  const nothing = { backup: null, newestIn: null, fromOffsite: false, source: null };
  const source = defaultSource({ ...nothing, rehearsals: [], all: false }, profile);
  return defaultRehearsals({ ...nothing, source }, profile);
}
