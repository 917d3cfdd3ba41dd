import type { Overrides } from './merge-profile.ts';
import type { Profile } from './profile.ts';

/** What rehearsals are asked to do. `null`: the profile decides. */
export interface Settings {
  rehearsals: string[];
  all: boolean;
  engine: Profile['postgres']['engine'] | null;
  image: string | null;
  /** URL of a server that somebody else provides, in place of an engine. */
  target?: string | null;
  config: string;
  /** Where there is no profile: the database by the name that flags give it, and the directory that paths start from. */
  assumed?: { database: string; directory: string } | null;
  /** What one database of several has in place of the profile's keys. */
  overrides?: Overrides | null;
  reports: string | null;
  /** A backup to rehearse in place of the newest one, as parseOrigin reads it; paths are absolute. */
  backup: string | null;
  /** Absolute path of a directory whose newest dump is rehearsed, whoever wrote it. */
  newestIn: string | null;
  /** Absolute path of a dump of roles, in place of the one that is kept beside the backup. */
  globals?: string | null;
  /** What the restore takes of the disk, in bytes, in place of an estimate. */
  disk?: number | null;
  /** Rehearse the copy that is off-host. */
  fromOffsite: boolean;
  /** URL of a live database to rehearse straight from. */
  source: string | null;
  /** Hold what was restored against the dump, too, where it is compared with its source. null: where a rehearsal does so of itself. */
  secondOracle: boolean | null;
  /** Run the disposable server with the settings that production had. */
  faithful?: boolean;
  jobs: number;
  keep: boolean;
}

/** The profile with what the settings override. Who asks for an engine does not want the target of the profile. Pure. */
export function applySettings(
  profile: Profile,
  settings: Pick<Settings, 'engine' | 'image' | 'target' | 'reports'>,
): Profile {
  const { engine, image, reports } = settings;
  const target = settings.target ?? (engine === null ? profile.postgres.target : undefined);
  return {
    ...profile,
    postgres: {
      engine: target !== undefined ? 'auto' : (engine ?? profile.postgres.engine),
      image: image ?? profile.postgres.image,
      ...(target !== undefined && { target }),
    },
    evidence: { ...profile.evidence, directory: reports ?? profile.evidence.directory },
  };
}
