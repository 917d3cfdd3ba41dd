import { basename } from 'node:path';
import type { BackupFacts } from './daily-backups.ts';
import type { AssessedBackup } from './assess.ts';
import { groupBackups, type OffsiteBackup } from './offsite-inventory.ts';
import type { Rclone } from './rclone.ts';
import { readReceipt, type Receipt } from './receipt.ts';

/** Why a copy that a receipt names is not to be relied on now. */
export type CopyDoubt = NonNullable<BackupFacts['copyDoubt']>;

/**
 * Looks at copies off-host: whether all files that a receipt names are there, with their sizes, and with the hashes of the
 * files here where the destination keeps hashes. However many backups there are, rclone is started twice.
 * @param directory where the backups are
 * @returns what is wrong, by backup; nothing of those whose copies are whole
 * @throws what rclone's `list` throws: then none of them has been looked at
 */
export async function findDoubts(
  rclone: Rclone,
  database: string,
  directory: string,
  backups: AssessedBackup[],
): Promise<Map<AssessedBackup, CopyDoubt>> {
  const there = new Map(groupBackups(await rclone.list(database), database).map((each) => [each.stem, each]));
  const doubts = new Map<AssessedBackup, CopyDoubt>();
  const receipts = new Map<AssessedBackup, Receipt>();
  for (const backup of backups) {
    const receipt = await readReceipt(backup.files.receipt);
    const doubt = receipt === null ? receiptGone : findMissing(receipt, there.get(backup.stem));
    if (doubt !== null) doubts.set(backup, doubt);
    else if (receipt !== null) receipts.set(backup, receipt);
  }
  const compared = await rclone.compare(
    directory,
    [...receipts.keys()].map(({ stem }) => stem),
  );
  for (const [backup, receipt] of receipts) {
    const doubt = findDifferent(backup, receipt, compared);
    if (doubt !== null) doubts.set(backup, doubt);
  }
  return doubts;
}

const receiptGone: CopyDoubt = { what: 'its receipt is gone', isLost: false };

function findMissing({ files }: Receipt, there: OffsiteBackup | undefined): CopyDoubt | null {
  for (const { name, bytes } of files) {
    const actual = there?.files.get(name);
    if (actual === undefined) return { what: `its copy off-host is gone: ${name} is not there`, isLost: true };
    if (actual !== bytes) {
      return { what: `its copy off-host has changed: ${name} has ${actual} bytes there, not ${bytes}`, isLost: true };
    }
  }
  return null;
}

/** A dump that is gone here, because an earlier prune was killed, cannot be compared: its copy is there, and as large. */
function findDifferent({ files, parts }: AssessedBackup, receipt: Receipt, compared: Map<string, string>) {
  for (const { name } of receipt.files) {
    const [top = ''] = name.split('/');
    const isHere = [...parts].some((part) => basename(files[part]) === top);
    const mark = compared.get(name);
    if (!isHere || mark === '=') continue;
    if (mark !== '*') return { what: `its copy off-host could not be compared: ${name}`, isLost: false };
    return { what: `its copy off-host has other bytes: ${name} differs from the file here`, isLost: true };
  }
  return null;
}
