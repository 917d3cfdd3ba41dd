import { basename } from 'node:path';
import type { Choices, Question } from './choices.ts';
import type { DatabaseFact, DumpsFact, Facts } from './facts.ts';
import { databaseOfUrl } from './look/env-files.ts';

/** The database that the profile is of, or what has to be asked first. */
export type ChosenDatabase = { fact: DatabaseFact; others: DatabaseFact[] } | { question: Question } | null;

/**
 * Chooses among all that name a database: flags first, then a Compose service, an address that can be read, a name in settings, the
 * names of dumps. Pure.
 * @returns null where nothing names one
 */
export function chooseDatabase(facts: Facts, choices: Choices): ChosenDatabase {
  const { databases } = facts;
  if (choices.url !== null) return { fact: ofFlag(choices.url), others: [] };
  const services = databases.filter(({ source }) => source?.kind === 'compose');
  if (choices.composeService !== null) {
    const named = services.find(
      ({ source }) => source?.kind === 'compose' && source.service === choices.composeService,
    );
    return { fact: named ?? ofService(choices.composeService), others: [] };
  }
  const dumps = takenByOthers(facts, choices);
  if (dumps !== null) return ofDumps(dumps, facts, choices);
  if (services.length > 1) return { question: whichService(services) };
  const live = databases.filter(({ source }) => source !== null);
  const named = databases.filter(({ name }) => name !== null);
  const fact = services[0] ?? live[0] ?? named[0];
  if (fact === undefined) {
    const [found] = facts.dumps;
    return found === undefined ? null : ofDumps(found, facts, choices);
  }
  return { fact: completed(fact, databases), others: databases.filter((each) => differs(each, fact)) };
}

/**
 * The dumps of another tool, where they are what is rehearsed: somebody names their directory, or there is no live database that
 * backups could be taken of. Pure.
 */
export function takenByOthers({ databases, dumps }: Facts, choices: Choices): DumpsFact | null {
  const found = dumps.find(({ pattern }) => pattern !== null) ?? null;
  const isLiveNamed = choices.url !== null || choices.composeService !== null;
  const isWanted = choices.backups !== null || databases.every(({ source }) => source === null);
  return isLiveNamed || !isWanted ? null : found;
}

function ofFlag(url: string): DatabaseFact {
  const { source, ...fact } = databaseOfUrl(url, '--url', { variable: '', file: null });
  return { ...fact, source: source?.kind === 'variable' ? { kind: 'url', url: source.url } : null };
}

function ofService(service: string): DatabaseFact {
  return {
    from: `--compose-service ${service}`,
    name: null,
    owner: null,
    image: null,
    source: { kind: 'compose', service, project: null },
  };
}

/** What settings say of the same database is taken, too: the owner above all. */
function ofDumps(dumps: DumpsFact, { databases }: Facts, choices: Choices): ChosenDatabase {
  const { from } = dumps;
  const names = dumps.databases.map(({ name }) => name);
  const inSettings = databases.find(({ name }) => name !== null && (names.includes(name) || names.length === 0));
  const name = choices.database ?? inSettings?.name ?? (names.length === 1 ? (names[0] ?? null) : null);
  if (name === null && names.length > 1) return { question: whichDatabase(dumps) };
  const fact: DatabaseFact = { from, name, owner: null, image: null, source: null };
  const same = databases.filter((each) => each.name === name);
  return {
    fact: name === null ? fact : completed(fact, same),
    others: databases.filter((each) => differs(each, fact)),
  };
}

function whichDatabase({ from, databases }: DumpsFact): Question {
  const options = databases.map(({ name, newest }) => ({ value: name, hint: basename(newest ?? '') }));
  const message = `The dumps in ${from} are of ${databases.length} databases. Which one is rehearsed?`;
  return { key: 'database', message, options, usual: null };
}

function whichService(services: DatabaseFact[]): Question {
  const options = services.flatMap(({ source, from, name }) =>
    source?.kind === 'compose'
      ? [{ value: source.service, hint: `${name ?? 'its database is not known'}, ${from}` }]
      : [],
  );
  const message = `${services.length} services run PostgreSQL. Which one is backed up?`;
  return { key: 'composeService', message, options, usual: null };
}

/** Where an address in .env leads to the service itself, it says what the service leaves out. */
function completed(fact: DatabaseFact, all: DatabaseFact[]): DatabaseFact {
  const same = all.filter((each) => !differs(each, fact));
  const first = <Key extends 'name' | 'owner' | 'image'>(key: Key) =>
    same.map((each) => each[key]).find((value) => value !== null) ?? null;
  return {
    ...fact,
    name: fact.name ?? first('name'),
    owner: fact.owner ?? first('owner'),
    image: fact.image ?? first('image'),
  };
}

function differs(a: DatabaseFact, b: DatabaseFact): boolean {
  return a !== b && a.name !== null && b.name !== null && a.name !== b.name;
}
