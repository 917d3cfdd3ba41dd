import { dirname, join } from 'node:path';
import { isMap, LineCounter, parseDocument, type Document } from 'yaml';
import { z } from 'zod';
import type { Project } from '../facts.ts';
import { interpolate, type Variables } from './interpolate.ts';
import { readVariables } from './variables.ts';

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

const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()]);
const words = z.union([z.string(), z.array(scalar)]);
const assignments = z.union([z.array(z.string()), z.record(z.string(), scalar)]);
const serviceSchema = z.object({
  extends: z
    .union([
      z.string().transform((service) => ({ service, file: undefined })),
      z.object({ service: z.string(), file: z.string().optional() }),
    ])
    .optional()
    .catch(undefined),
  image: z.string().optional().catch(undefined),
  build: z.unknown().optional(),
  environment: assignments.nullish().catch(undefined),
  env_file: z
    .union([z.string(), z.array(z.union([z.string(), z.object({ path: z.string() })]))])
    .nullish()
    .catch(undefined),
  ports: z
    .array(z.union([z.string(), z.number(), z.object({ target: z.union([z.number(), z.string()]) })]))
    .nullish()
    .catch(undefined),
  expose: z.array(scalar).nullish().catch(undefined),
  healthcheck: z.object({ test: words.nullish() }).nullish().catch(undefined),
  depends_on: z
    .union([z.array(z.string()), z.record(z.string(), z.unknown())])
    .nullish()
    .catch(undefined),
  command: words.nullish().catch(undefined),
  entrypoint: words.nullish().catch(undefined),
});
type Written = z.output<typeof serviceSchema>;

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
  const env = await readEnvironment(project, dirname(file), written, variables);
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
  return text === null ? 'is not there, or is no text' : parse(text);
}

interface ParsedFile {
  name: string | null;
  include: string[];
  services: [string, { written: Written; line: number }][];
}

/** @returns what is wrong with it, as the end of a sentence */
function parse(text: string): ParsedFile | string {
  const lines = new LineCounter();
  const document = parseDocument(text, { merge: true, lineCounter: lines, logLevel: 'error' });
  const [error] = document.errors;
  if (error !== undefined) return `is no YAML (line ${error.linePos?.[0].line ?? '?'})`;
  const content = toObject(document);
  if (content === null) return 'holds no services';
  const { name, services, include } = content;
  return {
    include,
    name: typeof name === 'string' ? name : null,
    services: Object.entries(services)
      .flatMap(([service, value]) => {
        const parsed = serviceSchema.safeParse(value);
        return parsed.success
          ? [[service, { written: parsed.data, line: lineOf(document, lines, service) }] as const]
          : [];
      })
      .map(([service, rest]) => [service, rest]),
  };
}

const paths = z.union([z.string().transform((path) => [path]), z.array(z.string())]);
const fileSchema = z
  .object({
    name: z.unknown().optional(),
    services: z.record(z.string(), z.unknown()).default({}),
    include: z
      .array(z.union([z.string().transform((path) => [path]), z.object({ path: paths }).transform(({ path }) => path)]))
      .transform((each) => each.flat())
      .default([]),
  })
  .refine(({ services, include }) => Object.keys(services).length > 0 || include.length > 0);

function toObject(document: Document): z.output<typeof fileSchema> | null {
  try {
    // References that multiply (a "billion laughs") are refused here.
    const content: unknown = document.toJS({ maxAliasCount: 100 });
    const parsed = fileSchema.safeParse(content);
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

function lineOf(document: Document, lines: LineCounter, service: string): number {
  const services = document.get('services', true);
  const pair = isMap(services) ? services.items.find(({ key }) => String(key) === service) : undefined;
  const range = (pair?.key as { range?: [number, number, number] } | undefined)?.range;
  return range === undefined ? 1 : lines.linePos(range[0]).line;
}

async function readEnvironment(project: Project, folder: string, written: Written, variables: Variables) {
  const files = [written.env_file ?? []].flat().map((file) => (typeof file === 'string' ? file : file.path));
  const env: ComposeService['env'] = {};
  for (const file of files) {
    const text = await project.readText(join(folder, interpolate(file, variables) ?? file));
    if (text !== null) Object.assign(env, readVariables(text));
  }
  return { ...env, ...ownEnvironment(written.environment ?? {}, variables) };
}

function ownEnvironment(given: z.output<typeof assignments>, variables: Variables): ComposeService['env'] {
  const pairs = Array.isArray(given)
    ? given.map((line): [string, string | null] => {
        const end = line.indexOf('=');
        return end === -1 ? [line, null] : [line.slice(0, end), line.slice(end + 1)];
      })
    : Object.entries(given).map(([name, value]): [string, string | null] => [
        name,
        value === null ? null : String(value),
      ]);
  // A name alone is passed on from the shell, or from .env.
  return Object.fromEntries(
    pairs.map(([name, value]) => [name, value === null ? (variables[name] ?? null) : interpolate(value, variables)]),
  );
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
function wordsOf(given: z.output<typeof words>): unknown[] {
  if (Array.isArray(given)) return given;
  return (given.match(/(?:"[^"]*"|'[^']*'|[^\s"'])+/g) ?? []).map((word) =>
    word.replace(/"([^"]*)"|'([^']*)'/g, '$1$2'),
  );
}
