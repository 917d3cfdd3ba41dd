import type { DescribedNote } from '../notes.ts';
import { section, table } from './markdown-text.ts';

/** What was said of a run afterwards, as a section of a document. Pure. */
export function renderNotes(notes: DescribedNote[]): string {
  const rows = notes.map(({ at, by, what, action, text, retest, signedBy }) => [
    at,
    by,
    what,
    [action, text, retest === null ? null : `re-test ${retest}`].filter((part) => part !== null).join('; '),
    signedBy === null ? 'not signed' : `key ${signedBy.slice(0, 16)}`,
  ]);
  return section('Notes', table(['When', 'By', 'What', '', 'Signature'], rows));
}
