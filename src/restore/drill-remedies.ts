import { textSearchNext } from '../postgres/server-lacks.ts';

const otherImage = 'or rehearse with the image that production runs.';

/** What helps in a drill, by rule, where it is something else than on a server that people work with. */
export const drillRemedies: Record<string, string> = {
  TEXT_SEARCH_MISSING: textSearchNext,
  TIME_ZONE_MISSING: `Install the time zones of the operating system there (Debian: tzdata), ${otherImage}`,
  LOCALE_MISSING: `Install the locale on the server that is restored to (Debian: locales-all), ${otherImage}`,
  COMPRESSION_MISSING:
    'Rehearse with a PostgreSQL that was built with this compression; those of Debian and Docker are.',
  PERMISSION_DENIED:
    'Restore with the role that the runbook names, and see in the log what it may not do. What takes a superuser needs ' +
    'restoreAs: "superuser" in the profile: then the code of the archive has all rights of the disposable server.',
  RESTORE_FAILED: 'The log of pg_restore is beside the evidence; mend its first error and rehearse again.',
};
