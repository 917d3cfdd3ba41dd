import { randomUUID } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { replacePrivately } from '../../system/durable.ts';
import { withFileLock } from '../../system/file-lock.ts';
import type { Finding } from '../schema.ts';

/** What one run could not deliver. It stands in a file until the evidence of a later run says it. */
const undelivered = z.strictObject({
  id: z.uuid(),
  at: z.iso.datetime({ precision: 3 }),
  /** Which of the outputs it was. */
  what: z.string(),
  message: z.string(),
});

export type Undelivered = z.output<typeof undelivered>;

export const undeliveredFile = 'undelivered.json';
const patienceMs = 10_000;

/** Reads what was not delivered and no evidence has said yet. A file that cannot be read holds nothing. */
export async function readUndelivered(reports: string): Promise<Undelivered[]> {
  const text = await readFile(join(reports, undeliveredFile), 'utf8').catch(() => null);
  if (text === null) return [];
  try {
    return z.array(undelivered).safeParse(JSON.parse(text)).data ?? [];
  } catch {
    return [];
  }
}

/** Keeps what was not delivered for the evidence of the next run. */
export async function keepUndelivered(reports: string, failed: Pick<Undelivered, 'what' | 'message'>[]): Promise<void> {
  const at = new Date().toISOString();
  const added = failed.map(({ what, message }) => ({ id: randomUUID(), at, what, message }));
  await change(reports, (kept) => [...kept, ...added]);
}

/** Forgets what evidence says by now. */
export async function forgetUndelivered(reports: string, said: Undelivered[]): Promise<void> {
  if (said.length === 0) return;
  await change(reports, (kept) => kept.filter(({ id }) => !said.some((one) => one.id === id)));
}

async function change(reports: string, edit: (kept: Undelivered[]) => Undelivered[]): Promise<void> {
  await withFileLock(join(reports, `.${undeliveredFile}.lock`), patienceMs, async () => {
    const path = join(reports, undeliveredFile);
    const kept = edit(await readUndelivered(reports));
    if (kept.length === 0) await rm(path, { force: true });
    else await replacePrivately(path, `${JSON.stringify(kept, null, 2)}\n`);
  });
}

/** Pure. */
export function undeliveredFinding({ at, what, message }: Undelivered): Finding {
  return {
    rule: 'NOT_DELIVERED',
    severity: 'warning',
    object: what,
    message: `What the run of ${at} had to tell was not delivered: ${message}`,
    remedy: 'Look whether the address is right and its server runs. Nobody may have heard of that run.',
  };
}
