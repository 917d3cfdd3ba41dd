import type { Found, Project } from '../facts.ts';
import { databaseOfUrl } from './env-files.ts';

/** `sqlalchemy.url` of alembic.ini, unless it is the example that Alembic writes. */
export async function lookAtAlembic(project: Project): Promise<Found> {
  const file = 'alembic.ini';
  const text = await project.readText(file);
  const found = /^sqlalchemy\.url[ \t]*=[ \t]*(\S+)/m.exec(text ?? '');
  if (text === null || found === null) return {};
  const from = `${file}:${text.slice(0, found.index).split('\n').length}`;
  // In an .ini of Python, a percent sign is written twice.
  const url = (found[1] ?? '').replaceAll('%%', '%');
  if (url.startsWith('driver://')) return {};
  if (url.includes('%(')) return { notes: [`${from} takes the address from a setting of Python, which was not read.`] };
  const database = databaseOfUrl(url, from, { variable: '', file: null, isExample: true });
  return database.name === null ? {} : { databases: [database] };
}
