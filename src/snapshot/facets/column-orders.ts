import type { Facet } from '../facet.ts';
import { qualifiedClass, userSchema } from '../sql-names.ts';
import { stateFacet, type Values } from '../state-facet.ts';

const orders = stateFacet({
  check: 'definitions',
  covers: 'the order of columns in inheritance children',
  isDefined: true,
  isTolerable: true,
  remedy:
    'A dump creates a child with the columns of its parents first, so an INSERT without a list of columns swaps values after a restore: name the columns in every INSERT and COPY, create the child in that order, or tolerate this in the profile.',
  sql: `
    select
      ${qualifiedClass} as object,
      (
        select pg_catalog.string_agg(pg_catalog.quote_ident(attribute.attname), ', ' order by attribute.attnum)
        from pg_catalog.pg_attribute as attribute
        where attribute.attrelid = class.oid
        and attribute.attnum > 0
        and not attribute.attisdropped
      ) as value
    from pg_catalog.pg_class as class
    join pg_catalog.pg_namespace as namespace on namespace.oid = class.relnamespace
    where class.relkind in ('r', 'f')
    and not class.relispartition
    and exists (select from pg_catalog.pg_inherits as inherits where inherits.inhrelid = class.oid)
    and ${userSchema}`,
});

export const columnOrders: Facet<Values> = {
  ...orders,
  // A column that is missing, added or renamed shows in the definition.
  compare: (before, after, id) =>
    orders.compare(before, after, id).filter(({ expected, actual }) => sorted(expected) === sorted(actual)),
};

function sorted(columns: string): string {
  return columns.split(', ').toSorted().join(', ');
}
