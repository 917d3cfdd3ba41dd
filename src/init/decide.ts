import { basename } from 'node:path';
import { profileName } from '../config/assumed-profile.ts';
import type { Choices, Question } from './choices.ts';
import { chooseDatabase } from './choose-database.ts';
import type { ApplicationFact, DatabaseFact, DumpsFact, Facts, Source } from './facts.ts';
import { imageFor } from './image-for.ts';
import { nearbyIn } from './look/nearby-in.ts';
import type { Plan } from './plan.ts';

export type Decision =
  | { state: 'decided'; plan: Plan; notes: string[] }
  | { state: 'asks'; question: Question }
  /** What the dump at this path says has to be known first. */
  | { state: 'reads'; dump: string }
  /** Nothing here names a database. */
  | { state: 'nothing' };

/** A project, as far as it says which CI it has. */
export interface Surroundings {
  directory: string;
  ci: 'github' | 'gitlab' | null;
}

/** Makes one plan of what was found and what was chosen, or says what has to be asked next. Pure. */
export function decide(facts: Facts, choices: Choices, { directory, ci }: Surroundings): Decision {
  const chosen = chooseDatabase(facts, choices);
  if (chosen === null && choices.database === null) return { state: 'nothing' };
  if (chosen !== null && 'question' in chosen) return { state: 'asks', question: chosen.question };
  const fact = chosen?.fact ?? { ...unknown, from: '--database' };
  const dumps = fact.source === null ? (facts.dumps[0] ?? null) : null;
  const dump = dumps === null ? null : newestOf(dumps, choices.database ?? fact.name);
  const told = dump === null ? undefined : facts.told[dump];
  if (dump !== null && told === undefined) return { state: 'reads', dump };
  const name = choices.database ?? fact.name ?? told?.database ?? null;
  if (name === null) return ask('database', `What is the name of the database (${fact.from})?`, null);
  const owner = choices.owner ?? fact.owner ?? told?.owner ?? null;
  if (owner === null) return ask('owner', `Which role owns the database ${name}?`, name);
  const application =
    facts.applications.find((each) => fact.source?.kind !== 'compose' || 'image' in each.start) ?? null;
  const healthPath = choices.health ?? application?.healthPath ?? null;
  if (application !== null && healthPath === null) return ask('health', healthQuestion(application), '');
  if (choices.ci === null) return whichCi(ci);
  const plan: Plan = {
    name: choices.name ?? profileName(name),
    database: { name, owner },
    source: withProject(fact.source, choices.composeProject),
    image: choices.image ?? fact.image ?? imageFor(told?.major ?? null, told?.extensions ?? []),
    extensions: told?.extensions ?? [],
    application: application === null ? null : { ...application, healthPath: healthPath === '' ? null : healthPath },
    backups: facts.dumps[0]?.directory ?? nearbyIn(directory, choices.backups ?? 'backups'),
    dumps: dump === null ? null : dumps,
    ci: choices.ci === 'none' ? null : choices.ci,
    from: {
      database: fact.from,
      owner: choices.owner === null ? (fact.owner === null && dump !== null ? basename(dump) : fact.from) : '--owner',
      application: application?.from ?? null,
    },
  };
  return {
    state: 'decided',
    plan,
    notes: [
      ...facts.notes,
      ...(chosen?.others ?? []).map((other) => passedOver(other, fact)),
      ...(typeof told?.problem === 'string' ? [`${basename(dump ?? '')}: ${told.problem}`] : []),
      ...(dumps === null ? facts.dumps.filter(({ pattern }) => pattern !== null).map(leftAlone) : []),
    ],
  };
}

/** Of the database; of any, where nothing says which it is. */
function newestOf({ databases, newest }: DumpsFact, database: string | null): string {
  return databases.find(({ name }) => name === database)?.newest ?? newest;
}

/** Backups are taken of the live database, and lie beside them. */
function leftAlone({ from, directory, tool }: DumpsFact): string {
  return `${from} of ${tool ?? 'another tool'} are left alone: backups of the live database are taken. To rehearse those in their place: --backups ${directory}.`;
}

const unknown: Omit<DatabaseFact, 'from'> = { name: null, owner: null, image: null, source: null };

function ask(key: keyof Choices, message: string, usual: string | null): Decision {
  return { state: 'asks', question: { key, message, options: null, usual } };
}

function healthQuestion({ from }: ApplicationFact): string {
  return `Which path of the application (${from}) says that it is healthy, like /health? Empty: the drill does without the application`;
}

function whichCi(found: 'github' | 'gitlab' | null): Decision {
  const options = [
    { value: 'github', hint: 'a workflow for GitHub Actions' },
    { value: 'gitlab', hint: 'a job for GitLab CI' },
    { value: 'none', hint: 'cron or systemd, or nothing yet' },
  ];
  const question: Question = {
    key: 'ci',
    message: 'What is to run the drill every night?',
    options,
    usual: found ?? 'none',
  };
  return { state: 'asks', question };
}

function withProject(source: Source | null, project: string | null): Source | null {
  return source?.kind === 'compose' ? { ...source, project: project ?? source.project } : source;
}

function passedOver(other: DatabaseFact, taken: DatabaseFact): string {
  return `${other.from} names the database ${other.name ?? '?'}; that of ${taken.from} was taken (${taken.name ?? '?'}). --url, --compose-service or --database takes another.`;
}
