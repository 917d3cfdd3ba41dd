import { parseDocument } from 'yaml';
import * as z from 'zod';
import type { DatabaseFact, Found, Project } from '../facts.ts';
import { databaseOfUrl } from './env-files.ts';

const file = 'config/database.yml';
const value = z.union([z.string(), z.number()]).transform(String).optional().catch(undefined);
const settingsSchema = z.object({ adapter: value, database: value, username: value, url: value });
type Settings = z.output<typeof settingsSchema>;

/** Rails' settings of production, else of development. ERB is a program, and is not run. */
export async function lookAtRails(project: Project): Promise<Found> {
  const text = await project.readText(file);
  if (text === null) return {};
  const hasErb = text.includes('<%');
  const document = parseDocument(text.replace(/<%[^]*?%>/g, erb), { merge: true, logLevel: 'error' });
  if (document.errors.length > 0) return { notes: [`${file} was not read: without its ERB it is no YAML.`] };
  const content = toRecord(document);
  const environment = ['production', 'development'].find((name) => content[name] !== undefined) ?? '';
  const settings = primaryOf(content[environment]);
  const isPostgres = /^(?:postgresql|postgis|postgres)$/.test(settings?.adapter ?? '');
  const url = known(settings?.url);
  if (settings === null || (!isPostgres && url === null)) return notRead(hasErb);
  const line = text.split('\n').findIndex((each) => each.startsWith(`${environment}:`)) + 1;
  const from = `${file}:${line} (${environment})`;
  const database: DatabaseFact =
    url === null
      ? { from, name: known(settings.database), owner: known(settings.username), image: null, source: null }
      : databaseOfUrl(url, from, { variable: '', file: null, isExample: true });
  return { databases: [database], notes: notRead(hasErb).notes ?? [] };
}

/** Stands for what ERB would write. */
const erb = 'ERB-NOT-RUN';

function known(text: string | undefined): string | null {
  return text === undefined || text.includes(erb) ? null : text;
}

function notRead(hasErb: boolean): Found {
  return hasErb ? { notes: [`${file} holds ERB (<% … %>), which is a program and was not run.`] } : {};
}

function toRecord(document: ReturnType<typeof parseDocument>): Record<string, unknown> {
  try {
    const parsed = z.record(z.string(), z.unknown()).safeParse(document.toJS({ maxAliasCount: 100 }));
    return parsed.success ? parsed.data : {};
  } catch {
    return {};
  }
}

/** With several databases, `primary` is the application's own. */
function primaryOf(given: unknown): Settings | null {
  const several = z.object({ primary: settingsSchema }).safeParse(given);
  if (several.success) return several.data.primary;
  const one = settingsSchema.safeParse(given);
  return one.success ? one.data : null;
}
