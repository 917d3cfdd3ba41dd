import { compareSchemas } from './compare-schema.ts';
import { compareSequences } from './compare-sequences.ts';
import { compareTables } from './compare-tables.ts';
import type { Facet } from './facet.ts';
import { compareLargeObjects, readLargeObjects } from './large-objects.ts';
import { normaliseSchema } from './normalise-schema.ts';
import { readTables } from './read-tables.ts';
import { splitSchema } from './schema-entries.ts';
import { readSequences } from './sequences.ts';
import type { FacetId, Parts } from './snapshot.ts';
import { stateFacets } from './state-facets.ts';

/** Everything that is compared. Its order is that of the differences: what two facets find alike, the first one names. */
export const facets: { [Id in FacetId]: Facet<Parts[Id]> } = {
  tables: {
    checks: ['row-counts', 'content'],
    origin: 'backup',
    covers:
      'rows of every table, partition, inheritance child and materialised view, by number and by a 128-bit digest of their content (others have the same with a probability of 2^-128, unless made for it)',
    read: readTables,
    compare: compareTables,
  },
  largeObjects: {
    checks: ['large-objects'],
    origin: 'backup',
    covers: 'large objects, by number and content',
    read: readLargeObjects,
    compare: compareLargeObjects,
  },
  sequences: {
    checks: ['sequences'],
    origin: 'backup',
    covers: 'positions of sequences, and that the next value is a new one',
    read: ({ client }) => readSequences(client),
    compare: compareSequences,
  },
  schema: {
    checks: ['definitions'],
    origin: 'backup',
    covers: 'definitions of every object, as pg_dump writes them, with comments',
    read: async ({ dumpSchema }) => normaliseSchema(splitSchema(await dumpSchema())),
    compare: compareSchemas,
  },
  ...stateFacets,
};

export const facetIds = Object.keys(facets) as FacetId[];
