import { parseMoment } from '../../terminal/parse-moment.ts';
import type { RunLine } from './line.ts';

/** When a run started: its directory says so to the second, also where it was adopted long after. Pure. */
export function startedAt({ directory, writtenAt }: Pick<RunLine, 'directory' | 'writtenAt'>): Date {
  return parseMoment(directory.slice(0, '20260209T094803Z'.length)) ?? new Date(writtenAt);
}
