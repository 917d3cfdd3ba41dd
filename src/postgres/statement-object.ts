/** What a statement works on, as SQL names it. */
export interface StatementObject {
  /** `index`, `table`, …; null for the rows of a table. */
  kind: string | null;
  name: string;
  /** Where it belongs to. */
  table: string | null;
}

/**
 * Finds in a statement what it works on; null where it cannot be seen. Only names are taken out of it, never what could be a row.
 * Pure.
 */
export function findObject(statement: string): StatementObject | null {
  const text = statement.slice(0, longest).trimStart();
  for (const { pattern, kind } of forms) {
    const found = pattern.exec(text)?.groups;
    if (found === undefined) continue;
    const name = withoutPublic(found['name'] ?? found['table'] ?? '');
    const table = found['name'] === undefined || found['table'] === undefined ? null : withoutPublic(found['table']);
    return { kind, name, table };
  }
  return null;
}

/** As tables are named elsewhere here: see TableSnapshot.name. */
function withoutPublic(name: string): string {
  return name.startsWith('public.') ? name.slice('public.'.length) : name;
}

/** What a server shows of a statement is no longer, unless somebody tells it to. */
const longest = 4096;

/** Whoever reads a table to digest it. */
export const digestKind = 'digest of';

const part = String.raw`(?:"(?:[^"]|"")+"|[\p{L}_][\p{L}\p{N}_$]*)`;
const full = `${part}(?:\\.${part})?`;
const only = '(?:only +)?';

const forms = [
  form(null, `copy +(?<table>${full})`),
  form(null, `insert +into +(?<table>${full})`),
  form(null, `lock +(?:table +)?${only}(?<table>${full})`),
  form('index', `create +(?:unique +)?index +(?:concurrently +)?(?<name>${part}) +on +${only}(?<table>${full})`),
  form('constraint', `alter +table +${only}(?<table>${full})\\s+add +constraint +(?<name>${part})`),
  form('table', `(?:create|alter|drop) +(?:unlogged +|foreign +)?table +(?:if +exists +)?${only}(?<table>${full})`),
  form('view', `refresh +materialized +view +(?<name>${full})`),
  form('statistics of', `analyze +(?<name>${full})`),
  // The digest of a table: see snapshot/digest-query.ts.
  form(digestKind, `select[^]* from +only +(?<table>${full}) +as +t\\b`),
];

function form(kind: string | null, source: string) {
  return { kind, pattern: new RegExp(`^${source}`, 'iu') };
}
