/**
 * The commands as JavaScript: Node.js 20 cannot run TypeScript, and to translate it module by module at every start takes two
 * thirds of the time of a short command. They are compiled once for what src/ and scripts/ hold, into node_modules/.cache, from
 * where rehearsals have their modules, too.
 */
import { createHash } from 'node:crypto';
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const root = join(import.meta.dirname, '..');
const cache = join(root, 'node_modules', '.cache', 'restore-rehearsal');

/** Whoever still runs what was compiled before may load a part of it later. */
const kept = 5;

/**
 * The URL of a command that is compiled, by now at the latest.
 * @returns null where it cannot be, as where nobody may write into node_modules: tsx translates it then
 */
export async function compiled(name) {
  try {
    const directory = join(cache, keyOfSources());
    if (!existsSync(directory)) await compile(directory);
    const file = join(directory, 'scripts', `${name}.mjs`);
    accessSync(file, constants.R_OK);
    return pathToFileURL(file).href;
  } catch {
    return null;
  }
}

/** Changes with every file of ours, and with where they are; with the packages, what npm says that it has installed. */
function keyOfSources() {
  const hash = createHash('sha256').update(root);
  const installed = join('node_modules', '.package-lock.json');
  for (const file of [...sources(), ...(existsSync(join(root, installed)) ? [installed] : [])]) {
    const { size, mtimeMs, ctimeMs } = statSync(join(root, file));
    hash.update(`${file} ${size} ${mtimeMs} ${ctimeMs}\n`);
  }
  return hash.digest('hex').slice(0, 16);
}

function sources() {
  return ['package-lock.json', ...filesIn('src'), ...filesIn('scripts')].sort();
}

/** readdir's own recursion asks the system for each file once more, which takes a tenth of the time of a short command. */
function filesIn(directory) {
  return readdirSync(join(root, directory), { withFileTypes: true }).flatMap((entry) => {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) return filesIn(path);
    return /(?<!\.test)\.(tsx?|mjs)$/.test(entry.name) ? [path] : [];
  });
}

async function compile(directory) {
  const { build, stop } = await import('esbuild');
  const draft = `${directory}.${process.pid}`;
  const typescript = sources().filter((file) => /\.tsx?$/.test(file));
  const options = {
    absWorkingDir: root,
    outbase: root,
    outdir: draft,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node20',
    define: { COMPILED_TO: JSON.stringify(directory) },
    sourcemap: true,
    sourcesContent: false,
    jsx: 'automatic',
    jsxImportSource: 'preact',
    logLevel: 'silent',
  };
  const ofCommands = typescript.filter((file) => file.startsWith('scripts'));
  const others = typescript.filter((file) => !ofCommands.includes(file));
  try {
    mkdirSync(draft, { recursive: true });
    await Promise.all([
      // To load a thousand modules takes half a second: a command has a few, which hold what several need but once.
      build({
        ...options,
        entryPoints: ofCommands,
        splitting: true,
        packages: 'bundle',
        external: apart,
        // For packages that are CommonJS, and ask for modules of Node.js.
        banner: {
          js: "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);",
        },
        legalComments: 'none',
        chunkNames: 'shared/[hash]',
        plugins: [whereWritten],
      }),
      build({ ...options, entryPoints: others, plugins: [oneByOne, whereWritten] }),
    ]);
    renameSync(draft, directory);
    removeOld();
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    // Another command was faster.
    if (!existsSync(directory)) throw error;
  } finally {
    await stop();
  }
}

/**
 * Packages that stay where they are: those that find files of their own, may be missing, or are large and seldom needed, and
 * Vitest, which has to be the one that rehearsals import.
 */
const apart = [
  ...['vitest', 'vitest/*', 'vite', 'testcontainers', '@testcontainers/*', 'esbuild', 'tsx', 'playwright-core'],
  ...['echarts', 'echarts/*', 'pkijs', 'asn1js', '@sigstore/*', 'prom-client', 'yazl', 'pg-native'],
];

/** Rehearsals choose what they import: each module is one of its own for them, in processes that have no others. */
const oneByOne = {
  name: 'one by one',
  setup({ onResolve }) {
    onResolve({ filter: /^\..*\.tsx?$/ }, ({ path, importer }) =>
      importer === '' ? null : { path: path.replace(/tsx?$/, 'mjs'), external: true },
    );
  },
};

/** A module finds its files where it was written, not where it was compiled to. */
const whereWritten = {
  name: 'where written',
  setup({ onLoad }) {
    onLoad({ filter: /\.tsx?$/ }, ({ path }) => {
      const url = JSON.stringify(pathToFileURL(path).href);
      return {
        contents: readFileSync(path, 'utf8').replaceAll('import.meta.url', url),
        loader: path.endsWith('x') ? 'tsx' : 'ts',
      };
    });
  },
};

function removeOld() {
  const madeAt = (name) => statSync(join(cache, name)).mtimeMs;
  const newestFirst = readdirSync(cache).sort((a, b) => madeAt(b) - madeAt(a));
  for (const name of newestFirst.slice(kept)) rmSync(join(cache, name), { recursive: true, force: true });
}
