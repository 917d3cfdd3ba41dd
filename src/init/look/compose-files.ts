import { join } from 'node:path';
import { interpolate, type Variables } from './interpolate.ts';
import type { Project } from '../facts.ts';

const names = ['compose.yaml', 'compose.yml', 'docker-compose.yaml', 'docker-compose.yml'];
const overrides = [
  'compose.override.yaml',
  'compose.override.yml',
  'docker-compose.override.yaml',
  'docker-compose.override.yml',
];

/**
 * The files that `docker compose` takes in a directory, the later ones over the earlier: those of COMPOSE_FILE, else the first
 * of its usual names, with its override. See "compose-spec", and COMPOSE_FILE in Compose's documentation.
 */
export async function findComposeFiles(project: Project, folder: string, variables: Variables): Promise<string[]> {
  const named = interpolate(variables['COMPOSE_FILE'] ?? '', variables) ?? '';
  if (named !== '') {
    const separator = variables['COMPOSE_PATH_SEPARATOR'] ?? ':';
    return named.split(separator).map((file) => join(folder, file));
  }
  const first = await firstThere(project, folder, names);
  const over = first === null ? null : await firstThere(project, folder, overrides);
  return [first, over].filter((file) => file !== null);
}

async function firstThere(project: Project, folder: string, candidates: string[]): Promise<string | null> {
  for (const name of candidates) {
    const file = join(folder, name);
    if ((await project.readText(file)) !== null) return file;
  }
  return null;
}
