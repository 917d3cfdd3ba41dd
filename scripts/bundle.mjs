/**
 * How commands and rehearsals are made into few JavaScript modules: a thousand modules take half a second to load. For a clone,
 * compiled.mjs puts them into a cache; for the package, build.mjs into dist/.
 */
import { readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';

export const root = join(import.meta.dirname, '..');

/** What is loaded by its name besides commands: what users import, and what rehearsals run in. */
export const modules = {
  index: 'src/index.ts',
  'rehearsal-worker': 'scripts/rehearsal-worker.ts',
  'test-runner': 'src/rehearsal/runner/test-runner.ts',
};

/**
 * For esbuild. All modules lie in one directory, `outdir`.
 * @param entryPoints by the names that their modules get
 * @param moves whether they will be somewhere else than here, with `outdir` as it is to our other files
 */
export function bundleOptions({ entryPoints, outdir, extension, moves }) {
  return {
    absWorkingDir: root,
    entryPoints,
    outdir,
    outExtension: { '.js': extension },
    bundle: true,
    splitting: true,
    chunkNames: 'shared-[hash]',
    external: apart,
    alias: { 'restore-rehearsal': join(root, 'src/index.ts') },
    platform: 'node',
    format: 'esm',
    target: 'node20',
    // For packages that are CommonJS, and ask for modules of Node.js.
    banner: {
      js: "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);",
    },
    legalComments: 'none',
    minifyWhitespace: true,
    minifySyntax: true,
    sourcemap: true,
    sourcesContent: false,
    // As Node.js has it from 21 on. Without it, pg makes a Response to find out where it runs, for which Node.js loads its HTTP client.
    define: { navigator: '{"userAgent":"Node.js"}' },
    jsx: 'automatic',
    jsxImportSource: 'preact',
    logLevel: 'silent',
    plugins: [whereWritten(moves)],
  };
}

/**
 * Packages that stay where they are: those that find files of their own, may be missing, or are large and seldom needed, and
 * Vitest, which has to be the one that runs the rehearsals. What is CommonJS and loaded late (`await import(…)`) has to be one of
 * them: what is bundled would have a default alone.
 */
export const apart = [
  ...[
    'vitest',
    'vitest/*',
    'vite',
    'testcontainers',
    '@testcontainers/*',
    'esbuild',
    'oxc-transform',
    'tsx',
    'playwright-core',
  ],
  ...['echarts', 'echarts/*', 'pkijs', 'asn1js', '@sigstore/*', 'prom-client', 'yazl', 'undici', 'pg-native'],
];

/** A module finds its files where it was written, not where it was bundled to. */
const whereWritten = (moves) => ({
  name: 'where written',
  setup({ onLoad, initialOptions: { outdir } }) {
    onLoad({ filter: /\.tsx?$/ }, ({ path }) => {
      const there = JSON.stringify(relative(outdir, path).replaceAll('\\', '/'));
      const url = moves ? `new URL(${there}, import.meta.url).href` : JSON.stringify(pathToFileURL(path).href);
      return {
        contents: readFileSync(path, 'utf8').replaceAll('import.meta.url', url),
        loader: path.endsWith('x') ? 'tsx' : 'ts',
        resolveDir: dirname(path),
      };
    });
  },
});
