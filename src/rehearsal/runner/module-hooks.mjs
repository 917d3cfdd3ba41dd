/**
 * Module hooks (node:module, register): how Node.js loads rehearsals that are not ours, and what they import. TypeScript, always as
 * modules, with or without the ends of file names, as Vite does. What lies in node_modules is left to Node.js.
 */
import { existsSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

let ours = {};
let transformer = '';
/** Where what transformed code imports is found. */
let runtime = '';

/** @param data `ours`: URLs of modules by the name that they are imported by; `transform`: of oxc-transform; `runtime`: of a module of @oxc-project/runtime */
export function initialize(data) {
  ours = data.ours;
  transformer = data.transform;
  runtime = data.runtime;
}

export async function resolve(specifier, context, next) {
  const own = ours[specifier];
  if (own !== undefined) return { url: own, shortCircuit: true };
  if (specifier.startsWith('@oxc-project/runtime/')) return next(specifier, { ...context, parentURL: runtime });
  const found =
    isRelative(specifier) && isOthers(context.parentURL) ? find(new URL(specifier, context.parentURL)) : null;
  return found === null ? next(specifier, context) : { url: found, shortCircuit: true };
}

export async function load(url, context, next) {
  const file = isOthers(url) ? fileURLToPath(new URL(url)) : '';
  const kind = kinds[extname(file)];
  if (kind === undefined) return next(url, context);
  const text = await readFile(file, 'utf8');
  if (kind === 'json') return { format: 'module', source: `export default ${text};`, shortCircuit: true };
  return { format: 'module', source: kind === 'js' ? text : await transform(file, text), shortCircuit: true };
}

const kinds = { '.ts': 'ts', '.mts': 'ts', '.js': 'js', '.mjs': 'js', '.json': 'json' };

const isRelative = (specifier) => /^(?:\.\.?\/|\/|file:)/.test(specifier);

const isOthers = (url) => url?.startsWith('file:') === true && !url.includes('/node_modules/');

/** The file that is meant: `./step`, or `./step.js`, may be step.ts. */
function find(url) {
  const path = fileURLToPath(url);
  const asTypeScript = path.replace(/\.(m?)js$/, '.$1ts');
  const ends = ['.ts', '.mts', '.js', '.mjs', '/index.ts', '/index.js'];
  const candidates = [path, asTypeScript, ...ends.map((end) => `${path}${end}`)];
  const found = candidates.find((candidate) => existsSync(candidate) && !statSync(candidate).isDirectory());
  return found === undefined ? null : `${pathToFileURL(found).href}${url.search}`;
}

/** What Node.js 20 does not know, as `using`, is put in older words. */
const options = { lang: 'ts', sourceType: 'module', sourcemap: true, target: 'node20' };

async function transform(file, text) {
  const { transformSync } = await import(transformer);
  const { code, map, errors } = transformSync(file, text, options);
  const [error] = errors;
  if (error !== undefined) throw new SyntaxError(`${file}: ${error.message}\n${error.codeframe ?? ''}`.trim());
  const inline = Buffer.from(JSON.stringify(map)).toString('base64');
  return `${code}\n//# sourceMappingURL=data:application/json;base64,${inline}`;
}
