import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Of the clone or the installed package: data files, documents and rehearsals are found from here. */
export const root = fileURLToPath(new URL('../..', import.meta.url));

// scripts/bundle.mjs changes import.meta.url, which says where this was written, and leaves alone where it runs.
const [runsIn, isWritten] = [import.meta.dirname, import.meta.filename.endsWith('.ts')];

/** Whether this is an installed package, which has its modules in dist/, or a clone. */
export const isPackage = runsIn === join(root, 'dist');

/** The directory of the bundled modules; null where TypeScript is run as it was written. */
export const bundle = isWritten ? null : runsIn;
