import { readFile } from 'node:fs/promises';
import type { SourceMapPayload } from 'node:module';
import { dirname, extname } from 'node:path';
import { pathToFileURL } from 'node:url';
import { placeInAlone, placeInFile, withPlace } from './locate-error.ts';
import { OperationalError } from '../system/operational-error.ts';

/**
 * What a profile exports by default, whatever kind of module it is.
 * @throws OperationalError PROFILE_INVALID
 */
export async function importProfile(path: string): Promise<unknown> {
  let alone: Alone | null = null;
  try {
    alone = await readAlone(path);
    return alone === null ? await importWithOthers(path) : await importAlone(alone.code);
  } catch (error) {
    const text = await readFile(path, 'utf8').catch(() => '');
    const place = alone === null ? placeInFile(error, path, text) : placeInAlone(error, alone.map);
    const reason = lacksThisPackage(error) ?? withPlace(error, place);
    throw new OperationalError('PROFILE_INVALID', `The profile ${path} cannot be loaded: ${reason}`, { cause: error });
  }
}

/** A profile as JavaScript, and which of its lines was which. */
interface Alone {
  code: string;
  map: SourceMapPayload | undefined;
}

/** With npx alone, nothing of this package is where a profile could find it. */
function lacksThisPackage(error: unknown): string | null {
  const isMissing = error instanceof Error && /^Cannot find (?:package|module) 'restore-rehearsal'/.test(error.message);
  return isMissing
    ? 'it imports restore-rehearsal, which is not installed beside it. Run npm install --save-dev restore-rehearsal there, or leave the import out: defineConfig only adds types, and a profile is a plain object.'
    : null;
}

/**
 * A profile as JavaScript that needs no other file; null where it may need one. What may do so, and so goes the long way, is
 * anything that looks like an import or like CommonJS, also in a comment.
 * @throws Error with line and column, when it is neither TypeScript nor JavaScript
 */
async function readAlone(path: string): Promise<Alone | null> {
  const lang = languages[extname(path)];
  if (lang === undefined) return null;
  const text = await readFile(path, 'utf8');
  const { transformSync } = await import('oxc-transform');
  const { code, map, errors } = transformSync(path, text, { lang, sourceType: 'module', sourcemap: true });
  const [error] = errors;
  if (error !== undefined) throw new Error(describeSyntaxError(error, text));
  const own = ownPlace(path).reduce(
    (known, [expression, value]) => known.replaceAll(expression, value),
    code.replace(defines, defined),
  );
  return needsOthers.test(own.replaceAll(ofNode, '')) ? null : { code: own, map: map as unknown as SourceMapPayload };
}

/** `from` alone says nothing: it is in SQL, too. */
const needsOthers = /\b(?:import|require|module|exports|__dirname|__filename)\b|\bexport\s*[*{][^'"`]*\bfrom\b/;

const languages: Record<string, 'ts' | 'js' | undefined> = { '.ts': 'ts', '.mts': 'ts', '.js': 'js', '.mjs': 'js' };

/** An import of what Node.js has itself. */
const ofNode = /^import [^'"`;]+ from ["']node:[a-z/_]+["'];?$/gm;

/** `defineConfig` only adds types; what is imported for it is all of this package, which a profile may be without. */
const defines = /^import \{ defineConfig \} from ["']restore-rehearsal["'];?$/m;
const defined = 'const defineConfig = (profile) => profile;';

function ownPlace(path: string): [expression: string, value: string][] {
  return [
    ['import.meta.url', JSON.stringify(pathToFileURL(path).href)],
    ['import.meta.dirname', JSON.stringify(dirname(path))],
    ['import.meta.filename', JSON.stringify(path)],
  ];
}

interface SyntaxProblem {
  message: string;
  /** `start`: the offset in bytes. */
  labels: { start: number }[];
}

function describeSyntaxError({ message, labels: [label] }: SyntaxProblem, text: string): string {
  if (label === undefined) return message;
  const before = Buffer.from(text).toString('utf8', 0, label.start).split('\n');
  return `line ${before.length}, column ${(before.at(-1) ?? '').length + 1}: ${message}`;
}

/** Each time anew: a module of this URL that is loaded already is not the file as it is now. */
async function importAlone(code: string): Promise<unknown> {
  const text = `${code}\n// ${String((imported += 1))}`;
  const url = `data:text/javascript;base64,${Buffer.from(text).toString('base64')}`;
  return ((await import(url)) as { default?: unknown }).default;
}

let imported = 0;

/**
 * tsx serves Node.js 20, which cannot run TypeScript, here and inside Vitest's workers alike. It takes half a second, and from then
 * on all that is imported goes through it.
 */
async function importWithOthers(path: string): Promise<unknown> {
  const { tsImport } = await import('tsx/esm/api');
  // Errors have the lines as they were written.
  process.setSourceMapsEnabled(true);
  const module = (await tsImport(pathToFileURL(path).href, import.meta.url)) as { default?: unknown };
  return unwrapDefault(module.default);
}

/** A file that counts as CommonJS (no "type": "module" near it) comes as `{ default: { default: … } }`. */
function unwrapDefault(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !('__esModule' in value)) return value;
  return 'default' in value ? value.default : undefined;
}
