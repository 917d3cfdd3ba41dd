import { dirname, join } from 'node:path';
import { glob } from 'tinyglobby';
import type { Facts, Found, Project } from '../facts.ts';
import { lookAtAlembic } from './alembic.ts';
import { lookAtCompose } from './compose.ts';
import { lookAtDjango } from './django.ts';
import { lookAtDrizzle } from './drizzle.ts';
import { findDumps, lookAtDumps } from './dumps.ts';
import { lookAtEnvironmentFiles } from './env-files.ts';
import { lookAtPackage } from './package-json.ts';
import { lookAtPrisma } from './prisma.ts';
import { lookAtRails } from './rails.ts';

/** What flags say of where to look. Paths are absolute. */
export interface Where {
  backups: string | null;
  composeFile: string | null;
}

/** What is looked at, for people, in the order in which it counts. */
export const lookedAt = [
  'a Compose file here or one folder below (compose.yaml, docker-compose.yml, its override, COMPOSE_FILE, what it includes)',
  'the address of a database in .env and its kin (DATABASE_URL, POSTGRES_URL, …, or DB_CONNECTION and DB_DATABASE)',
  'prisma/schema.prisma, drizzle.config.*, config/database.yml of Rails, settings.py of Django, alembic.ini',
  'a directory of dumps (backups, dumps, pgbackups, …)',
  'the start command in package.json',
];

/** Reads what there is in a project. Nothing in it is run, and nothing is written. */
export async function look(project: Project, where: Where): Promise<Facts> {
  const dumps = await (where.backups === null
    ? findDumps(project.directory)
    : lookAtDumps(project.directory, where.backups));
  const found: Found[] = [
    ...(await lookAtProjects(project, where.composeFile)),
    await lookAtEnvironmentFiles(project),
    await lookAtPrisma(project),
    await lookAtDrizzle(project),
    await lookAtRails(project),
    await lookAtDjango(project, await settingsOfDjango(project.directory)),
    await lookAtAlembic(project),
    await lookAtPackage(project),
    { dumps: dumps === null ? [] : [dumps] },
  ];
  return {
    databases: found.flatMap(({ databases = [] }) => databases),
    applications: found.flatMap(({ applications = [] }) => applications),
    dumps: found.flatMap(({ dumps: each = [] }) => each),
    told: {},
    notes: found.flatMap(({ notes = [] }) => notes),
  };
}

/** The project of Compose here; where there is none, those of the folders below. */
async function lookAtProjects(project: Project, named: string | null): Promise<Found[]> {
  if (named !== null) return [await lookAtCompose(project, dirname(named), named)];
  const here = await lookAtCompose(project, '.');
  if ((here.databases ?? []).length > 0) return [here];
  const files = await glob(
    ['*/{compose,docker-compose}.{yaml,yml}', '{deploy,docker,infra,.docker}/*/{compose,docker-compose}.{yaml,yml}'],
    {
      ...quietly,
      cwd: project.directory,
    },
  );
  const folders = [...new Set(files.map((file) => dirname(file)))].toSorted();
  return [here, ...(await Promise.all(folders.map((folder) => lookAtCompose(project, folder))))];
}

async function settingsOfDjango(directory: string): Promise<string[]> {
  const isDjango = await glob(['manage.py', '*/manage.py'], { ...quietly, cwd: directory });
  const [manage] = isDjango;
  if (manage === undefined) return [];
  const base = dirname(manage);
  const files = await glob(['*/settings.py', '*/settings/*.py', 'settings.py', '*/*/settings/*.py'], {
    ...quietly,
    cwd: join(directory, base),
  });
  return files.map((file) => join(base, file)).toSorted();
}

const quietly = {
  ignore: ['**/node_modules/**', '**/.git/**', '**/.venv/**', '**/venv/**'],
  followSymbolicLinks: false,
  dot: true,
  deep: 4,
};
