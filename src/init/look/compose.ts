import { basename, join, resolve } from 'node:path';
import type { Found, Project } from '../facts.ts';
import { findApplications } from './compose-application.ts';
import { databaseOf, isDatabase } from './compose-database.ts';
import { findComposeFiles } from './compose-files.ts';
import { readComposeProject } from './compose-services.ts';
import { readVariables } from './variables.ts';

/**
 * What the Compose project of a folder says.
 * @param folder relative to the project, `.` for itself
 */
export async function lookAtCompose(project: Project, folder: string, named: string | null = null): Promise<Found> {
  const variables = readVariables((await project.readText(join(folder, '.env'))) ?? '');
  const files = named === null ? await findComposeFiles(project, folder, variables) : [named];
  const compose = await readComposeProject(project, files, variables);
  const servers = compose.services.filter(isDatabase);
  const folderName = composeName(basename(resolve(project.directory, folder)));
  return {
    databases: servers.map((service) => databaseOf(service, compose)),
    applications: servers.flatMap((service) => findApplications(compose, service, folderName)),
    notes: compose.problems,
  };
}

/** The name of a project that only its directory names. See Compose's "Project name". Pure. */
function composeName(directory: string): string {
  return directory
    .toLowerCase()
    .replace(/[^a-z0-9_-]/g, '')
    .replace(/^[_-]+/, '');
}
