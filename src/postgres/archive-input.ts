import { stat } from 'node:fs/promises';
import { readHead } from '../files/read-head.ts';
import { isTarArchive } from './archive-header.ts';
import type { ToolCall } from './tool.ts';

/**
 * How pg_restore is given an archive: through standard input, as the runbook does it, or by path where it has to look into
 * several files or to jump about in one.
 */
export async function archiveInput(archive: string): Promise<Pick<ToolCall, 'stdinFile' | 'inputPath'>> {
  const byPath = (await stat(archive)).isDirectory() || isTarArchive(await readHead(archive, 512));
  return byPath ? { inputPath: archive } : { stdinFile: archive };
}
