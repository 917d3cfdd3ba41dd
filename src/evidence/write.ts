import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { draftPath, removeDrafts } from '../system/drafts.ts';
import { syncDirectory, writeSynced } from '../system/durable.ts';
import { makeDirectories } from '../system/make-directory.ts';
import { hashOf } from './ledger/line.ts';
import { printable } from '../terminal/printable.ts';
import { evidenceSchema, type Evidence } from './schema.ts';
import { unsigned, type Signature } from './sign/sign-evidence.ts';
import { renderFiles } from './sinks/table.ts';

/**
 * Writes evidence and logs into a directory of their own. The directory appears whole or not at all.
 * @returns its name below `reports`, and the SHA-256 of each file in it
 * @throws ZodError for evidence that does not keep to its schema
 */
export async function writeEvidence(
  reports: string,
  evidence: Evidence,
  logs: Record<string, string>,
  { signedBy, bundles }: Signature = unsigned,
): Promise<{ directory: string; files: Record<string, string> }> {
  const files = {
    ...(await renderFiles(evidenceSchema.parse(evidence), signedBy)),
    ...bundles,
    // People read them in a terminal, and a dump says what is in them.
    ...Object.fromEntries(
      Object.entries(logs)
        .filter(([, text]) => text.trim() !== '')
        .map(([file, text]) => [file, printable(text)]),
    ),
  };
  const name = `${evidence.startedAt.replace(/\.\d+|[-:]/g, '')}-${evidence.rehearsal}`;
  await makeDirectories(reports);
  await removeDrafts(reports);
  const draft = await draftPath(reports, name);
  try {
    await mkdir(draft);
    for (const [file, content] of Object.entries(files)) await writeSynced(join(draft, file), content);
    await syncDirectory(draft);
    const published = await publish(draft, reports, name);
    await syncDirectory(reports);
    return { directory: published, files: mapValues(files, hashOf) };
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    throw error;
  }
}

function mapValues(record: Record<string, string>, change: (value: string) => string): Record<string, string> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value)]));
}

/** A directory cannot be renamed onto one that holds files: a rehearsal of the same second gets a number. */
async function publish(draft: string, reports: string, name: string, attempt = 1): Promise<string> {
  const numbered = attempt === 1 ? name : `${name}-${attempt}`;
  try {
    await rename(draft, join(reports, numbered));
    return numbered;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error;
    return publish(draft, reports, name, attempt + 1);
  }
}
