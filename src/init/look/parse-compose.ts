import { isMap, LineCounter, parseDocument, type Document } from 'yaml';
import * as z from 'zod';

const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()]);
/** A command: a text, or its words. */
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

/** A service as one file has it. */
export type Written = z.output<typeof serviceSchema>;

/** What one Compose file says. */
export interface ParsedFile {
  name: string | null;
  include: string[];
  services: [string, { written: Written; line: number }][];
}

/** @returns what is wrong with it, as the end of a sentence */
export function parseCompose(text: string): ParsedFile | string {
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
