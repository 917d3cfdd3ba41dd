import type { BackupFinding } from './backup-finding.ts';

/**
 * Whether bytes were read as text, in UTF-8 or Latin-1, and written as UTF-8: then all of them are UTF-8, which no archive is, with
 * the character that stands for what is none, or control characters that no text has. Pure.
 * @param head of a binary file that cannot be read
 */
export function isTakenForText(head: Buffer): boolean {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(head, { stream: true });
    return /[\u0080-\u009f\ufffd]/.test(text);
  } catch {
    return false;
  }
}

export const takenForText: BackupFinding = {
  rule: 'DUMP_TAKEN_FOR_TEXT',
  message:
    'The bytes of the dump were taken for text, and are lost: a program has read the output of pg_dump as characters and written them as UTF-8.',
  remedy:
    'Take it again, and let pg_dump write the file itself, with --file (-f); a program that passes it on has to read and write bytes (Node.js: no encoding; Python: mode "wb").',
};
