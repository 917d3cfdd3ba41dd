/** SQL of facets that compare what pg_dump leaves out: objects by catalog and oid, with a hash of what defines them. */

/** `function pg_catalog.app_version()`. */
export function namedObject(class_: string, oid: string): string {
  return `(select named.type || ' ' || named.identity from pg_catalog.pg_identify_object(${class_}, ${oid}, 0) as named)`;
}

export const hashOf = (text: string) =>
  `'a definition with the hash ' || pg_catalog.left(pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(${text}, 'UTF8')), 'hex'), 12)`;

/** What an object does, without what differs between two faithful copies (oids, costs). Of other kinds: that it is there. */
export function definitionOf(class_: string, oid: string): string {
  const of = (catalog: string) => `when 'pg_catalog.${catalog}'::pg_catalog.regclass then`;
  return `coalesce(case ${class_}
    ${of('pg_proc')} (
      select ${hashOf(functionText('function'))}
      from pg_catalog.pg_proc as function
      join pg_catalog.pg_language as language on language.oid = function.prolang
      where function.oid = ${oid}
    )
    ${of('pg_class')} (select ${hashOf(relationText)} from pg_catalog.pg_class as relation where relation.oid = ${oid})
    ${of('pg_type')} (select ${hashOf(typeText)} from pg_catalog.pg_type as type where type.oid = ${oid})
    ${of('pg_operator')} (
      select ${hashOf('operator.oprcode::pg_catalog.text')} from pg_catalog.pg_operator as operator where operator.oid = ${oid}
    )
    ${of('pg_trigger')} (
      select ${hashOf("trigger.tgenabled::pg_catalog.text || ' ' || pg_catalog.pg_get_triggerdef(trigger.oid)")}
      from pg_catalog.pg_trigger as trigger where trigger.oid = ${oid}
    )
    ${of('pg_constraint')} ${hashOf(`pg_catalog.pg_get_constraintdef(${oid})`)}
    ${of('pg_rewrite')} ${hashOf(`pg_catalog.pg_get_ruledef(${oid})`)}
  end, 'defined')`;
}

/** Needs `language` beside it. */
export function functionText(function_: string): string {
  const parts = [
    ...['prosrc', 'provolatile', 'proisstrict', 'prosecdef'].map((column) => `${function_}.${column}`),
    ...[`${function_}.probin`, `${function_}.proconfig`, 'language.lanname'],
    `pg_catalog.format_type(${function_}.prorettype, null)`,
    `case when ${function_}.prosqlbody is not null then pg_catalog.pg_get_function_sqlbody(${function_}.oid) end`,
    `(select pg_catalog.format('%s %s', aggtransfn, agginitval) from pg_catalog.pg_aggregate where aggfnoid = ${function_}.oid)`,
  ];
  return `pg_catalog.row_to_json(row(${parts.join(', ')}))::pg_catalog.text`;
}

const relationText = `pg_catalog.row_to_json(row(
  relation.relkind,
  case when relation.relkind in ('v', 'm') then pg_catalog.pg_get_viewdef(relation.oid) end,
  case when relation.relkind in ('i', 'I') then pg_catalog.pg_get_indexdef(relation.oid) end,
  array(
    select pg_catalog.format('%I %s', attname, pg_catalog.format_type(atttypid, atttypmod))
    from pg_catalog.pg_attribute
    where attrelid = relation.oid
    and attnum > 0
    and not attisdropped
    order by attname
  )
))::pg_catalog.text`;

const typeText = `pg_catalog.row_to_json(row(
  type.typtype,
  type.typnotnull,
  type.typdefault,
  case when type.typbasetype <> 0 then pg_catalog.format_type(type.typbasetype, type.typtypmod) end,
  array(select enumlabel from pg_catalog.pg_enum where enumtypid = type.oid order by enumsortorder),
  array(select pg_catalog.pg_get_constraintdef(oid) from pg_catalog.pg_constraint where contypid = type.oid order by conname)
))::pg_catalog.text`;
