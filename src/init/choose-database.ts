import type { Choices, Question } from './choices.ts';
import type { DatabaseFact, Facts } from './facts.ts';
import { databaseOfUrl } from './look/env-files.ts';

/** The database that the profile is of, or what has to be asked first. */
export type ChosenDatabase = { fact: DatabaseFact; others: DatabaseFact[] } | { question: Question } | null;

/**
 * Chooses among all that name a database: flags first, then a Compose service, an address that can be read, a name in settings, the
 * names of dumps. Pure.
 * @returns null where nothing names one
 */
export function chooseDatabase({ databases, dumps }: Facts, choices: Choices): ChosenDatabase {
  if (choices.url !== null) return { fact: ofFlag(choices.url), others: [] };
  const services = databases.filter(({ source }) => source?.kind === 'compose');
  if (choices.composeService !== null) {
    const named = services.find(
      ({ source }) => source?.kind === 'compose' && source.service === choices.composeService,
    );
    return { fact: named ?? ofService(choices.composeService), others: [] };
  }
  if (services.length > 1) return { question: whichService(services) };
  const live = databases.filter(({ source }) => source !== null);
  const named = databases.filter(({ name }) => name !== null);
  const fact = services[0] ?? live[0] ?? named[0] ?? ofDumps(dumps);
  return fact === null
    ? null
    : { fact: completed(fact, databases), others: databases.filter((each) => differs(each, fact)) };
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

function ofDumps([dumps]: Facts['dumps']): DatabaseFact | null {
  return dumps === undefined
    ? null
    : {
        from: dumps.from,
        name: dumps.databases.length === 1 ? (dumps.databases[0] ?? null) : null,
        owner: null,
        image: null,
        source: null,
      };
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
