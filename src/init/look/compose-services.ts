import { dirname, join } from 'node:path';
import type { Project } from '../facts.ts';
import { readServiceEnvironment } from './compose-environment.ts';
import { interpolate, type Variables } from './interpolate.ts';
import { parseCompose, type ParsedFile, type Written } from './parse-compose.ts';

/** A service of a Compose project, as all its files together say. */
export interface ComposeService {
  name: string;
  /** Where it stands: `compose.yaml:3`. */
  from: string;
  image: string | null;
  isBuilt: boolean;
  /** null where a value is not known here. */
  env: Record<string, string | null>;
  ports: string[];
  healthcheck: string;
  dependsOn: string[];
  /** What it is started with in place of what the image says; null where the program itself is replaced. */
  command: string[] | null;
}

export interface ComposeProject {
  /** Where a file or a variable names it: not the name of the directory, which may be another one on another machine. */
  name: string | null;
  services: ComposeService[];
  problems: string[];
}

/** Reads the files of one project, the later ones over the earlier. What cannot be read is said, and the rest is taken. */
export async function readComposeProject(
  project: Project,
  files: string[],
  variables: Variables,
): Promise<ComposeProject> {
  const result: ComposeProject = { name: variables['COMPOSE_PROJECT_NAME'] ?? null, services: [], problems: [] };
  const merged = new Map<string, { written: Written; from: string; env: ComposeService['env'] }>();
  // What a file includes stands before it, and each file once.
  const left = [...files];
  const taken = new Set<string>();
  for (let file = left.shift(); file !== undefined; file = left.shift()) {
    const read = await readFile(project, file);
    if (typeof read === 'string') {
      result.problems.push(`${file} was not read: it ${read}.`);
      continue;
    }
    const folder = dirname(file);
    const included = read.include.map((each) => join(folder, interpolate(each, variables) ?? each));
    if (!taken.has(file) && included.length > 0) {
      taken.add(file);
      left.unshift(...included.filter((each) => !taken.has(each)), file);
      continue;
    }
    taken.add(file);
    result.name ??= read.name === null ? null : interpolate(read.name, variables);
    for (const [name, { written, line }] of read.services) {
      const before = merged.get(name);
      const own = await withBase(project, { file, read, written, variables }, mostBases);
      merged.set(name, {
        written: { ...before?.written, ...withoutUndefined(own.written) },
        from: before?.from ?? `${file}:${line}`,
        env: { ...before?.env, ...own.env },
      });
    }
  }
  result.services = [...merged].map(([name, { written, from, env }]) => ({
    name,
    from,
    env,
    ...normalise(written, variables),
  }));
  return result;
}

/** How often one service may extend another that extends another. */
const mostBases = 5;

interface Extending {
  file: string;
  read: ParsedFile;
  written: Written;
  variables: Variables;
}

/** A service with what it takes from the one that it extends. */
async function withBase(
  project: Project,
  { file, read, written, variables }: Extending,
  left: number,
): Promise<{ written: Written; env: ComposeService['env'] }> {
  const env = await readServiceEnvironment(project, dirname(file), written, variables);
  const { extends: base } = written;
  if (base === undefined || left === 0) return { written, env };
  const itsFile = base.file === undefined ? file : join(dirname(file), base.file);
  const itsRead = base.file === undefined ? read : await readFile(project, itsFile);
  const found = typeof itsRead === 'string' ? undefined : itsRead.services.find(([name]) => name === base.service);
  if (found === undefined || typeof itsRead === 'string') return { written, env };
  const extended = { file: itsFile, read: itsRead, written: found[1].written, variables };
  const below = await withBase(project, extended, left - 1);
  return {
    written: { ...below.written, ...withoutUndefined(written) },
    env: { ...below.env, ...env },
  };
}

async function readFile(project: Project, file: string): Promise<ParsedFile | string> {
  const text = await project.readText(file);
  return text === null ? 'is not there, or is no text' : parseCompose(text);
}

function normalise(written: Written, variables: Variables): Omit<ComposeService, 'name' | 'from' | 'env'> {
  const put = (value: unknown) => interpolate(String(value), variables) ?? '';
  const ports = (written.ports ?? []).map((port) => (typeof port === 'object' ? String(port.target) : put(port)));
  const { test } = written.healthcheck ?? {};
  return {
    image: written.image === undefined ? null : interpolate(written.image, variables),
    isBuilt: written.build !== undefined,
    ports: [...ports, ...(written.expose ?? []).map(put)],
    healthcheck: [test ?? []].flat().map(put).join(' '),
    dependsOn: Array.isArray(written.depends_on) ? written.depends_on : Object.keys(written.depends_on ?? {}),
    command: (written.entrypoint ?? null) === null ? wordsOf(written.command ?? []).map(put) : null,
  };
}

function withoutUndefined<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as T;
}

/** Compose takes a text apart at its spaces, outside of quotes; no shell has a part in it. */
function wordsOf(given: NonNullable<Written['command']>): unknown[] {
  if (Array.isArray(given)) return given;
  return (given.match(/(?:"[^"]*"|'[^']*'|[^\s"'])+/g) ?? []).map((word) =>
    word.replace(/"([^"]*)"|'([^']*)'/g, '$1$2'),
  );
}
