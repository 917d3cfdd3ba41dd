import type { DumpText } from './dump-text.ts';
import { unquote } from './name-key.ts';
import { needStatement, type NeedStatement } from './need-statements.ts';
import type { ByteRange } from './plain-dump-events.ts';
import type { SqlStatement } from './plain-dump-statement.ts';

/** What a dump needs of the server that it is restored into, and does to it, as far as its statements say. */
export interface DumpNeeds {
  /** As pg_dump names it; null where the dump does not say. */
  encoding: string | null;
  /** Schemas by extension. */
  extensions: Map<string, string | null>;
  /** Options by name, both as SQL writes them. */
  collations: Map<string, Record<string, string>>;
  dictionaries: Map<string, Record<string, string>>;
  /** Files of C functions: `$libdir/hstore`. */
  libraries: Set<string>;
  tablespaces: Set<string>;
  accessMethods: Set<string>;
  /** Roles that it grants something to, or makes rules for. Who owns what it holds is elsewhere: see DumpedContents and ListedEntry. */
  roles: Set<string>;
  /** Options of CREATE DATABASE, by name: `encoding`, `locale`, `locale_provider`. Empty where the dump does not create it. */
  database: Record<string, string>;
  /** Whether a statement of it may end sessions: pg_dump writes none. What functions do that it calls is not looked at. */
  endsSessions: boolean;
}

/** A statement that makes a schema, or says something of an extension: to be passed over where it has been made beforehand. */
export interface PreparedStatement extends ByteRange {
  schema?: string;
  extension?: string;
}

export function noNeeds(): DumpNeeds {
  return {
    encoding: null,
    extensions: new Map(),
    collations: new Map(),
    dictionaries: new Map(),
    libraries: new Set(),
    tablespaces: new Set(),
    accessMethods: new Set(),
    roles: new Set(),
    database: {},
    endsSessions: false,
  };
}

/** Collects what the statements of a dump need of a server. */
export class NeedsReader {
  readonly needs = noNeeds();
  readonly prepared: PreparedStatement[] = [];
  readonly #dumpText: DumpText;

  constructor(dumpText: DumpText) {
    this.#dumpText = dumpText;
  }

  addStatement({ words, text, verbatim }: SqlStatement, span: ByteRange): void {
    // The body of a DO block is quoted.
    if (words[0] === 'do' || /\bpg_(?:terminate|cancel)_backend\b/i.test(text)) this.needs.endsSessions = true;
    const start = needStatement(words);
    if (start === null || verbatim === '') return;
    readers[start](this.needs, this.#dumpText.decode(verbatim), (statement) =>
      this.prepared.push({ ...statement, ...span }),
    );
  }
}

type Reader = (
  needs: DumpNeeds,
  text: string,
  note: (statement: Omit<PreparedStatement, keyof ByteRange>) => void,
) => void;

const identifier = String.raw`("(?:[^"]|"")+"|[^\s;,".()]+)`;

/** By the first words of a statement. A text starts behind the first of them. */
const readers: Record<NeedStatement, Reader> = {
  'create extension': (needs, text) => {
    const [, name, schema] = extension.exec(text) ?? [];
    if (name !== undefined) needs.extensions.set(unquote(name), schema === undefined ? null : unquote(schema));
  },
  'create schema': (_, text, note) => {
    const [, schema] = new RegExp(`^ schema ${identifier};$`, 'i').exec(text) ?? [];
    if (schema !== undefined) note({ schema: unquote(schema) });
  },
  'comment on': (_, text, note) => {
    const [, name] = new RegExp(`^ on extension ${identifier} is `, 'i').exec(text) ?? [];
    if (name !== undefined) note({ extension: unquote(name) });
  },
  'create collation': (needs, text) => {
    addOptions(needs.collations, text, /^ collation (.+?) \(/i);
  },
  'create text': (needs, text) => {
    addOptions(needs.dictionaries, text, /^ text search dictionary (.+?) \(/i);
  },
  'create function': addLibrary,
  'create or': addLibrary,
  'set default_tablespace': (needs, text) => {
    addSetting(needs.tablespaces, text);
  },
  'set default_table_access_method': (needs, text) => {
    addSetting(needs.accessMethods, text);
  },
  'set client_encoding': (needs, text) => {
    needs.encoding = /'([^']+)'/.exec(text)?.[1] ?? null;
  },
  'create database': (needs, text) => {
    needs.database = readOptions(text);
  },
  'create policy': ({ roles }, text) => {
    const [, names = ''] = policyRoles.exec(text) ?? [];
    for (const [, name = ''] of names.matchAll(new RegExp(identifier, 'g'))) addRole(roles, name);
  },
  'create user': ({ roles }, text) => {
    addRole(roles, new RegExp(`^ user mapping for ${identifier} server `, 'i').exec(text)?.[1]);
  },
  'alter default': ({ roles }, text) => {
    addRole(roles, new RegExp(`^ default privileges for role ${identifier} `, 'i').exec(text)?.[1]);
    addRole(roles, grantee.exec(text)?.[1]);
  },
  grant: ({ roles }, text) => {
    addRole(roles, grantee.exec(text)?.[1]);
  },
};

/** The same without a group. */
const aName = identifier.replace('(', '(?:');
const policyRoles = new RegExp(
  `^ policy ${aName} on ${aName}(?:\\.${aName})?(?: as restrictive)?(?: for \\w+)? to (${aName}(?:, ${aName})*)`,
  'i',
);

/** pg_dump writes one to a statement. */
const grantee = new RegExp(` to ${identifier}(?: with grant option)?;$`, 'i');

/** PUBLIC and its kin are no roles. */
function addRole(to: Set<string>, written: string | undefined): void {
  if (written !== undefined && !/^(?:public|current_user|session_user|current_role)$/i.test(written))
    to.add(unquote(written));
}

const extension = new RegExp(`^ extension (?:if not exists )?${identifier}(?: with schema ${identifier})?;$`, 'i');

function addOptions(to: Map<string, Record<string, string>>, text: string, start: RegExp): void {
  const name = start.exec(text)?.[1];
  if (name === undefined) return;
  to.set(name, readOptions(text.slice(text.indexOf('('))));
}

function readOptions(text: string): Record<string, string> {
  const options = text.matchAll(/(\w+) = (?:'((?:[^']|'')*)'|([^\s,;)']+))/g);
  return Object.fromEntries(
    [...options].map(([, key = '', quoted, bare]) => [key.toLowerCase(), quoted?.replaceAll("''", "'") ?? bare ?? '']),
  );
}

function addLibrary({ libraries }: DumpNeeds, text: string): void {
  const file = /\blanguage c\b[^]*?\bas '((?:[^']|'')+)'/i.exec(text)?.[1];
  if (file !== undefined) libraries.add(file);
}

/** An empty one stands for the server's own. */
function addSetting(to: Set<string>, text: string): void {
  const value = new RegExp(`^ \\w+ = ${identifier};$`).exec(text)?.[1];
  if (value !== undefined && !value.startsWith("'")) to.add(unquote(value));
}
