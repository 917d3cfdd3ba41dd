/** `npm run build`: makes dist/, which is what the package has besides data files and documents. */
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { decode, encode } from '@jridgewell/sourcemap-codec';
import { build } from 'esbuild';
import { rollup } from 'rollup';
import { dts } from 'rollup-plugin-dts';
import ts from 'typescript';
import { bundleOptions, modules, root } from '../bundle.mjs';

const outdir = join(root, 'dist');
const publicModules = { index: 'src/index.ts', vitest: 'src/vitest.ts' };

/** What Vitest carries for us from a step to the reporter is nobody else's business. */
const ownAugmentations = {
  name: 'own augmentations',
  renderChunk: (code) =>
    code.replace(/^declare module '(?:@vitest\/runner|vitest)' \{\n(?! *interface Matchers)[^]*?^\}\n/gm, ''),
};

rmSync(outdir, { recursive: true, force: true });
await Promise.all([bundle(), writeTypes(), writeRehearsals()]);

async function bundle() {
  const entryPoints = { 'restore-rehearsal': 'scripts/package/bin.mjs', ...modules, ...publicModules };
  await build({
    ...bundleOptions({ entryPoints, outdir, extension: '.js', moves: true }),
    // Of what is bundled in, nobody would be told that it has a hole; npm and its users know of dependencies.
    packages: 'external',
  });
  for (const name of readdirSync(outdir)) if (name.endsWith('.map')) thin(join(outdir, name));
}

/** Leaves of a source map the lines: a third of it, and all that is needed to say where an error comes from. */
function thin(file) {
  const map = JSON.parse(readFileSync(file, 'utf8'));
  const lines = decode(map.mappings).map((segments) =>
    segments.filter(([, source, line], place) => {
      const [, before, lineBefore] = segments[place - 1] ?? [];
      return source !== before || line !== lineBefore;
    }),
  );
  writeFileSync(file, JSON.stringify({ ...map, names: [], mappings: encode(lines) }));
}

async function writeTypes() {
  const external = (id) => !/^[./]/.test(id);
  const types = await rollup({
    input: publicModules,
    external,
    plugins: [dts({ tsconfig: join(root, 'tsconfig.json') }), ownAugmentations],
  });
  await types.write({ dir: outdir, chunkFileNames: 'types-[hash].d.ts' });
}

/** With their comments, which say what each does: esbuild would drop them. */
async function writeRehearsals() {
  await mkdir(join(outdir, 'rehearsals'), { recursive: true });
  for (const name of readdirSync(join(root, 'rehearsals'))) {
    const source = readFileSync(join(root, 'rehearsals', name), 'utf8');
    const compilerOptions = { target: 'es2023', module: 'esnext', verbatimModuleSyntax: true };
    const { outputText } = ts.transpileModule(source, { compilerOptions });
    writeFileSync(join(outdir, 'rehearsals', `${basename(name, '.ts')}.js`), outputText);
  }
}
