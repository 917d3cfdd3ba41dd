import { typed } from '../../terminal/suggest.ts';
import { assertNotSwitched } from '../../recovery/restore-part.ts';
import { OperationalError } from '../../system/operational-error.ts';

/** What flags ask for. */
interface Asked {
  url: string | null;
  composeService: string | null;
  composeProject: string | null;
  composeUser: string | null;
  pooler: string | null;
  backup: string | null;
  at: Date | null;
  fromOffsite: boolean;
  dir: string | null;
  new: boolean;
  switch: boolean;
  rollback: boolean;
  to: string | null;
  table: string[];
  schema: string[];
  diff: string[];
  with: string | null;
  list: boolean;
  clean: boolean;
  yes: boolean;
}

/** Where to work. */
export interface Task {
  server: { url: string } | { composeService: string; composeProject: string | null; composeUser: string | null };
  /** URL of the console of the pgbouncer that clients go through. */
  pooler: string | null;
  /** What names the dump, the time that it has to be from before, or that it is fetched; null where none is needed. */
  backup: { named: string } | { at: Date } | { offsite: { at: Date | null } } | null;
}

/** @throws OperationalError BAD_USAGE where flags say too little, or too much */
export function readTask(asked: Asked): Task {
  const { backup, at, fromOffsite, rollback, to } = asked;
  const isDiff = asked.diff.length > 0;
  const refuse = (problem: string) =>
    new OperationalError('BAD_USAGE', `${problem} Try: ${typed('restore', ['--help'])}`);
  if (asked.new && (asked.switch || rollback || isDiff || isPart(asked))) {
    throw refuse(
      '--new makes a database where there is none: give it without --switch, --rollback, --diff, --table and --schema.',
    );
  }
  if (asked.switch && rollback) throw refuse('--switch and --rollback are each other’s opposite.');
  if (isPart(asked) && rollback) throw refuse('--table and --schema are of a backup, and --rollback takes none.');
  assertNotSwitched(isPart(asked), asked.switch);
  if (isDiff && (asked.switch || rollback || isPart(asked))) {
    throw refuse('--diff only compares: give it without --switch, --rollback, --table and --schema.');
  }
  if (to !== null && !rollback) throw refuse('--to says which database --rollback goes back to: give that, too.');
  if (asked.with !== null && !isDiff) throw refuse('--with says what --diff compares with: give that, too.');
  if (at !== null && backup !== null)
    throw refuse('--backup names a backup, and --at looks for one: give one of the two.');
  if (fromOffsite && (backup !== null || asked.dir !== null)) {
    throw refuse('--from-offsite fetches a backup: give it without --backup and --dir.');
  }
  if (fromOffsite && rollback) throw refuse('--from-offsite fetches a backup, and --rollback takes none.');
  if (at !== null && rollback) throw refuse('--at looks for a backup, and --rollback takes none.');
  if (asked.dir !== null && at === null) throw refuse('--dir says where --at looks for backups: give that, too.');
  assertAlone(asked, refuse);
  const where = { server: readServer(asked, refuse), pooler: asked.pooler };
  if (asked.list || asked.clean) return { ...where, backup: null };
  if (rollback) return { ...where, backup: null };
  if (fromOffsite) return { ...where, backup: { offsite: { at } } };
  if (at !== null) return { ...where, backup: { at } };
  if (backup === null && !isDiff) {
    throw refuse('Nothing says which backup: give --backup FILE, --at TIME, or --from-offsite.');
  }
  return { ...where, backup: backup === null ? null : { named: backup } };
}

/** What looks after databases that are left does nothing else. */
function assertAlone(asked: Asked, refuse: (problem: string) => OperationalError): void {
  const { list, clean, yes } = asked;
  if (yes && !clean) throw refuse('--yes goes with --clean: give that, too.');
  if (list && clean) throw refuse('--clean lists what it drops: give it without --list.');
  const isMore = asked.at !== null || asked.rollback || asked.new || asked.switch;
  if ((list || clean) && (isMore || isPart(asked) || asked.diff.length > 0)) {
    throw refuse(
      `--${list ? 'list' : 'clean'} goes with a server alone: give it without what restores, switches or compares.`,
    );
  }
}

function readServer(
  { url, composeService, composeProject, composeUser }: Asked,
  refuse: (problem: string) => OperationalError,
): Task['server'] {
  if (url !== null && composeService !== null) {
    throw refuse('Both a URL and a Compose service are named: name one of them.');
  }
  if (composeService !== null) return { composeService, composeProject, composeUser };
  const without = Object.entries({ '--compose-project': composeProject, '--compose-user': composeUser });
  for (const [flag, value] of without) {
    if (value !== null) throw refuse(`${flag} goes with --compose-service: give that, too.`);
  }
  if (url !== null) return { url };
  throw refuse(
    'Nothing says which server: give --url postgres://admin@host/postgres, or --compose-service NAME for one in a container.',
  );
}

/** Whether only some tables are asked for. */
export function isPart({ table, schema }: Pick<Asked, 'table' | 'schema'>): boolean {
  return table.length + schema.length > 0;
}
