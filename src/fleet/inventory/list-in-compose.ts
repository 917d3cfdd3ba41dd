import { basename, dirname, resolve } from 'node:path';
import { lookAtCompose } from '../../init/look/compose.ts';
import { openProject } from '../../init/look/open-project.ts';
import type { DatabaseFact } from '../../init/facts.ts';
import { OperationalError } from '../../system/operational-error.ts';
import type { Plan } from '../plan.ts';
import type { Listed, ListingOptions } from './listed.ts';

/** Each service that runs PostgreSQL, by its name. @throws OperationalError PROFILE_INVALID */
export async function listInCompose(file: string, { directory }: ListingOptions): Promise<Listed> {
  const path = resolve(directory, file);
  const project = openProject(dirname(path));
  if ((await project.readText(basename(path))) === null) {
    throw new OperationalError('PROFILE_INVALID', `The Compose file ${path} is not there, or cannot be read.`);
  }
  const { databases = [] } = await lookAtCompose(project, '.', basename(path));
  const leftOut: Plan['leftOut'] = databases.flatMap((fact) => {
    const name = serviceOf(fact);
    return fact.name === null ? [{ name, why: 'a variable that is not set here names its database' }] : [];
  });
  return { list: databases.flatMap(toEntry), from: path, leftOut };
}

function serviceOf({ source, from }: DatabaseFact): string {
  return source?.kind === 'compose' ? source.service : from;
}

function toEntry(fact: DatabaseFact): Record<string, unknown>[] {
  const { name, owner, image, source } = fact;
  if (name === null) return [];
  const project = source?.kind === 'compose' ? source.project : null;
  return [
    {
      name: serviceOf(fact),
      database: { name, owner: owner ?? name },
      backups: { composeService: serviceOf(fact), ...(project !== null && { composeProject: project }) },
      ...(image !== null && { postgres: { image } }),
    },
  ];
}
