/**
 * The commands as JavaScript: Node.js 20 cannot run TypeScript, and to translate it module by module at every start takes two
 * thirds of the time of a short command. They are compiled once for what src/ and scripts/ hold, into node_modules/.cache, from
 * where rehearsals have their modules, too.
 */
import { createHash } from 'node:crypto';
import { accessSync, constants, existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { bundleOptions, modules, root } from './bundle.mjs';

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
    const file = join(directory, `${name}.mjs`);
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

const directories = ['src', 'scripts', 'rehearsals'].filter((name) => existsSync(join(root, name)));

function sources() {
  return ['package-lock.json', ...directories.flatMap(filesIn)].sort();
}

/** readdir's own recursion asks the system for each file once more, which takes a tenth of the time of a short command. */
function filesIn(directory) {
  return readdirSync(join(root, directory), { withFileTypes: true }).flatMap((entry) => {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) return filesIn(path);
    return /(?<!\.test)\.(tsx?|mjs)$/.test(entry.name) ? [path] : [];
  });
}

/** npm starts them with tsx. They need what is not installed, or not there at all, where nobody works on this: in an image, say. */
const ofDevelopers = /^scripts\/(?:docs|sample-report|scale)\b/;

async function compile(directory) {
  const { build, stop } = await import('esbuild');
  const draft = `${directory}.${process.pid}`;
  const files = sources();
  const commands = files.filter((file) => /^scripts\b.*\.ts$/.test(file) && !ofDevelopers.test(file));
  const entryPoints = Object.fromEntries([
    ...commands.map((file) => [file.slice('scripts/'.length, -'.ts'.length), file]),
    ...files.filter((file) => /^rehearsals\b.*\.ts$/.test(file)).map((file) => [file.slice(0, -'.ts'.length), file]),
    ...Object.entries(modules).filter(([, file]) => existsSync(join(root, file))),
  ]);
  try {
    mkdirSync(draft, { recursive: true });
    await build(bundleOptions({ entryPoints, outdir: draft, extension: '.mjs', moves: false }));
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

function removeOld() {
  const madeAt = (name) => statSync(join(cache, name)).mtimeMs;
  const newestFirst = readdirSync(cache).sort((a, b) => madeAt(b) - madeAt(a));
  for (const name of newestFirst.slice(kept)) rmSync(join(cache, name), { recursive: true, force: true });
}
