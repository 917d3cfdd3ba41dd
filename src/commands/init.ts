import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { askPerson, refuse, takeUsual, withAnswer, type Answerer } from '../init/ask.ts';
import type { Choices } from '../init/choices.ts';
import { decide, type Decision } from '../init/decide.ts';
import type { Facts } from '../init/facts.ts';
import { wantedFiles } from '../init/files.ts';
import { look, lookedAt } from '../init/look/look.ts';
import { openProject } from '../init/look/open-project.ts';
import type { Plan } from '../init/plan.ts';
import { readDump } from '../init/read-dump.ts';
import { compareFiles, writeFiles } from '../init/write.ts';
import { readDatabaseUrl, urlWithoutPassword } from '../source/database-url.ts';
import { readEnvironment } from '../system/environment.ts';
import { OperationalError } from '../system/operational-error.ts';
import { version } from '../system/version.ts';
import { defaultProfile, findDefaultProfile } from '../terminal/default-profile.ts';
import { flagName } from '../terminal/suggest.ts';
import { defineCommand, type Options } from './command.ts';
import { config, ofRehearsals, toggle, typedChoice, typedPath, typedText } from './flags.ts';
import { showFiles, showFound, showNext } from './init/show.ts';
import { askLive } from './init/ask-live.ts';
import { firstDrill } from './init/first-drill.ts';
import { sayHeading } from './say.ts';

export const flags = {
  yes: toggle('ask nothing: take what is usual where nothing says anything else'),
  url: typedText('URL', 'the live database: postgres://user@host:5432/database'),
  composeService: typedText('NAME', 'the Compose service that the database runs in'),
  composeProject: typedText('NAME', 'its project, where several have such a service'),
  composeFile: typedPath('FILE', 'the Compose file, where it has an unusual name or place'),
  backups: typedPath(
    'DIR',
    'where backups are, or are to be; default: the first directory here that holds dumps, else backups',
  ),
  name: typedText('NAME', 'of the profile; default: that of the database'),
  database: typedText('NAME', 'of the database'),
  owner: typedText('NAME', 'role that owns the database'),
  health: typedText(
    'PATH',
    'path of the application that says that it is healthy, like /health; none for no application',
  ),
  ci: typedChoice(['github', 'gitlab', 'none'], 'NAME', 'who runs the drill every night: github, gitlab or none'),
  force: toggle('overwrite what is there'),
  dryRun: toggle('write nothing, and show what would be written'),
  noDrill: toggle('write the files, and neither examine this machine nor run a first drill'),
  engine: ofRehearsals.engine('engine of the first drill: auto (default), docker or local'),
  image: ofRehearsals.image,
  config: { ...config, help: `the profile that is written; default: ${defaultProfile} here`, read: readConfig },
};

/** Not one of a directory above: what is looked at is here. */
function readConfig(given: string | null): string {
  const found = findDefaultProfile();
  return given === null && dirname(found) === process.cwd() ? found : resolve(given ?? defaultProfile);
}

/** Makes a drill of what there is: looks, asks what is left, writes, and runs it once. */
export const initCommand = defineCommand({
  name: 'init',
  about: [
    'Looks at the project here (Compose, .env, Prisma, Drizzle, Rails, Django, Alembic, directories of dumps), asks what it could not find, and writes a profile, a nightly job and lines for .gitignore. Then it examines this machine, takes a first backup and rehearses it.',
  ],
  flags,
  notes: [
    'What is there already is never overwritten without --force: a second run shows what would change. No password is written: the profile names the variable, and PGPASSWORD or ~/.pgpass does for --url.',
  ],
  exitStatus:
    '0 written, or nothing to do, and the first drill is verified; 1 the first drill is not verified; 2 something differs and was left as it is, or the drill could not run.',

  async run(options) {
    const directory = dirname(options.config);
    const project = openProject(directory);
    sayHeading('restore-rehearsal init', `in ${directory}`);
    const facts = await look(project, { backups: options.backups, composeFile: options.composeFile });
    const ci = await findCi(directory);
    const { plan: first, notes } = await settle(
      facts,
      await readChoices(options),
      { directory, ci },
      answererOf(options),
    );
    const live = await askLive(first, options.url);
    showFound(live.plan, facts, notes, live);

    const { files, next } = wantedFiles(live.plan, basename(options.config), await readIgnored(directory), version());
    const states = await compareFiles(directory, files);
    const left = states.filter(({ state }) => state === 'differs' && !options.force);
    if (!options.dryRun)
      await writeFiles(
        directory,
        files,
        states.filter((each) => !left.includes(each)),
      );
    showFiles(states, { isDryRun: options.dryRun, isForced: options.force, again: options });
    if (left.length > 0) return 'could-not-run';
    if (options.dryRun) return 'done';
    const outcome = options.noDrill ? 'done' : await firstDrill(live.plan, options, live);
    showNext(live.plan, next, options, outcome);
    return outcome;
  },
});

async function readChoices({ url, composeFile, health, ...options }: Options<typeof flags>): Promise<Choices> {
  if (url !== null && options.composeService !== null) {
    throw new OperationalError('BAD_USAGE', '--url and --compose-service name different databases: give one of them.');
  }
  const shown = url === null ? null : urlWithoutPassword(await readDatabaseUrl(url, readEnvironment()));
  return { ...options, url: shown, composeFile, health: health === 'none' ? '' : health };
}

function answererOf({ yes }: Options<typeof flags>): Answerer {
  if (yes) return takeUsual;
  return process.stdin.isTTY && process.stdout.isTTY ? askPerson : refuse;
}

async function settle(
  facts: Facts,
  choices: Choices,
  surroundings: Parameters<typeof decide>[2],
  answer: Answerer,
): Promise<{ plan: Plan; notes: string[] }> {
  const decision: Decision = decide(facts, choices, surroundings);
  if (decision.state === 'decided') return decision;
  if (decision.state === 'nothing') throw nothingFound(surroundings.directory, facts.notes);
  if (decision.state === 'reads') {
    const told = await readDump(decision.dump, readEnvironment(), new AbortController().signal);
    return settle({ ...facts, told: { ...facts.told, [decision.dump]: told } }, choices, surroundings, answer);
  }
  const { question } = decision;
  return settle(facts, withAnswer(choices, question, await answer(question)), surroundings, answer);
}

function nothingFound(directory: string, notes: string[]): OperationalError {
  const lines = [
    `Nothing in ${directory} names a database. It was looked for:`,
    ...lookedAt.map((each) => `  - ${each}`),
    ...notes.map((note) => `  ! ${note}`),
    `Say where it is with one of ${['url', 'composeService', 'composeFile', 'backups', 'database'].map(flagName).join(', ')}. Nothing was written.`,
  ];
  return new OperationalError('NOTHING_FOUND', lines.join('\n'));
}

async function findCi(directory: string): Promise<'github' | 'gitlab' | null> {
  const remote = await readFile(join(directory, '.git', 'config'), 'utf8').catch(() => '');
  if (existsSync(join(directory, '.gitlab-ci.yml'))) return 'gitlab';
  if (existsSync(join(directory, '.github'))) return 'github';
  return /url = .*github\.com/.test(remote) ? 'github' : /url = .*gitlab/.test(remote) ? 'gitlab' : null;
}

async function readIgnored(directory: string): Promise<string> {
  return readFile(join(directory, '.gitignore'), 'utf8').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  });
}
