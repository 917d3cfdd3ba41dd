import type { ApplicationFact, DumpsFact, Source } from './facts.ts';

/** What is written: all that was found out, asked and taken for granted. */
export interface Plan {
  /** Of the profile. */
  name: string;
  database: { name: string; owner: string };
  /** Where the live database is; null where nothing says it. */
  source: Source | null;
  image: string | null;
  /** Extensions that only a superuser may create. */
  extensions: string[];
  application: ApplicationFact | null;
  /** Directory of backups, as the profile names it. */
  backups: string;
  dumps: DumpsFact | null;
  ci: 'github' | 'gitlab' | null;
  /** Where each of them comes from, for people. */
  from: { database: string; owner: string; application: string | null };
}
