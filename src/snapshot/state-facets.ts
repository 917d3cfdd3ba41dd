import type { Facet } from './facet.ts';
import { builtInChanges } from './facets/built-in-changes.ts';
import { collations } from './facets/collations.ts';
import { columnOrders } from './facets/column-orders.ts';
import { constraints } from './facets/constraints.ts';
import { database } from './facets/database.ts';
import { databaseSettings } from './facets/database-settings.ts';
import { extensionMembers } from './facets/extension-members.ts';
import { extensions } from './facets/extensions.ts';
import { indexes } from './facets/indexes.ts';
import { largeObjectComments } from './facets/large-object-comments.ts';
import { materializedViews } from './facets/materialized-views.ts';
import { roleMemberships } from './facets/role-memberships.ts';
import { roles } from './facets/roles.ts';
import { schemaPrivileges } from './facets/schema-privileges.ts';
import { subscriptions } from './facets/subscriptions.ts';
import { systemSchemaObjects } from './facets/system-schema-objects.ts';
import { tableProperties } from './facets/table-properties.ts';
import { triggers } from './facets/triggers.ts';
import { userMappings } from './facets/user-mappings.ts';
import type { Values } from './state-facet.ts';

/** What is compared besides rows and definitions, in the order of the evidence. The keys stand in manifests. */
export const stateFacets = {
  DATABASE: database,
  DATABASE_SETTING: databaseSettings,
  EXTENSION: extensions,
  MATERIALIZED_VIEW_DATA: materializedViews,
  CONSTRAINT_STATE: constraints,
  TRIGGER_STATE: triggers,
  INDEX_STATE: indexes,
  TABLE_STATE: tableProperties,
  COLLATION_VERSION: collations,
  LARGE_OBJECT_STATE: largeObjectComments,
  SUBSCRIPTION: subscriptions,
  USER_MAPPING: userMappings,
  COLUMN_ORDER: columnOrders,
  SYSTEM_SCHEMA_OBJECT: systemSchemaObjects,
  EXTENSION_MEMBER: extensionMembers,
  BUILT_IN_CHANGE: builtInChanges,
  ACL: schemaPrivileges,
  ROLE: roles,
  ROLE_MEMBERSHIP: roleMemberships,
} satisfies Record<string, Facet<Values>>;

export type StateCategory = keyof typeof stateFacets;
