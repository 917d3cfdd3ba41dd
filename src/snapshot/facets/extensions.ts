import { stateFacet } from '../state-facet.ts';

/** `1.8 in public` */
function split(value: string): { version: string; schema: string } {
  const [version = '', ...schema] = value.split(' in ');
  return { version, schema: schema.join(' in ') };
}

const read = stateFacet({
  // Context: a dump does not name versions, and a restore creates the one that its server ships; still caught: extensions that are
  // missing, or in another schema, and on the server of the source itself another version.
  origin: ({ kind, expected, actual }) =>
    kind === 'changed' && split(expected).schema === split(actual).schema ? 'server' : 'backup',
  covers: 'versions and schemas of extensions',
  remedy: ({ kind, object, expected }) =>
    kind === 'changed'
      ? `Install the same version of the extension on the server that is restored to, and run ALTER EXTENSION "${object}" UPDATE TO '${split(expected).version}'.`
      : 'Install the extension on the server that is restored to, as the source has it.',
  sql: `
    select extension.extname as object, extension.extversion || ' in ' || namespace.nspname as value
    from pg_catalog.pg_extension as extension
    join pg_catalog.pg_namespace as namespace on namespace.oid = extension.extnamespace`,
});

export const extensions: typeof read = {
  ...read,
  // Context: every new database has plpgsql, and no dump drops it. Still caught: any other extension, and one that is missing.
  compare: (before, after, id) =>
    read.compare(before, after, id).filter(({ kind, object }) => !(kind === 'unexpected' && object === 'plpgsql')),
};
