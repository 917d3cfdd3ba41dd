import type { HistoryEntry } from '../../history/read-history.ts';

/** When a run was started, in UTC, with the way to its page where there is one. */
export function RunLink({ run: { startedAt, directory, page } }: { run: HistoryEntry }) {
  const when = startedAt.slice(0, 16).replace('T', ' ');
  return page === null ? <>{when}</> : <a href={`${encodeURIComponent(directory)}/${page}`}>{when}</a>;
}
