/** The first two words of statements that say what a dump needs of a server; see dump-needs.ts. */
export const needStatements = [
  ...([
    'create extension',
    'create schema',
    'create collation',
    'create text',
    'create function',
    'create or',
  ] as const),
  ...(['comment on', 'set default_tablespace', 'set default_table_access_method', 'set client_encoding'] as const),
  ...(['create database', 'create policy', 'create user', 'alter default'] as const),
];

export type NeedStatement = (typeof needStatements)[number] | 'grant';

/** What a statement is by its first two words; null for all that need nothing. Pure. */
export function needStatement(words: string[]): NeedStatement | null {
  // What is granted is its second word.
  if (words[0] === 'grant') return 'grant';
  const start = words.slice(0, 2).join(' ');
  return needStatements.find((each) => each === start) ?? null;
}
