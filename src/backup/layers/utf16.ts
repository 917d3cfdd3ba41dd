import { readDump } from '../../postgres/archive-input.ts';
import { startsAsPlainDump } from '../../postgres/plain-dump.ts';
import type { BackupFinding } from '../format/backup-finding.ts';
import type { Layer } from './layer.ts';

type Encoding = 'utf-16le' | 'utf-16be';

/** Plain SQL as PowerShell writes what comes out of a pipe (`pg_dump > file`), and as editors save it. */
export const utf16: Layer<'UTF-16'> = {
  name: 'UTF-16',
  tells: 'in UTF-16',
  readByPath: false,
  recognise: (head) => {
    const encoding = encodingOf(head);
    return encoding !== null && startsAsPlainDump(Buffer.from(decodeStart(head, encoding)));
  },
  async undo(dump, place) {
    const decoder = new TextDecoder(encodingOf(dump.head) ?? 'utf-16le', { fatal: true });
    const seen = { beyondAscii: false };
    try {
      return {
        inside: await place.store(decode(readDump(dump), decoder, seen)),
        warnings: [inUtf16(seen.beyondAscii)],
      };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ERR_ENCODING_INVALID_ENCODED_DATA') throw error;
      return { wrong: broken };
    }
  },
};

/** Which UTF-16 this is, by its byte order mark, or by the zero bytes of ASCII; null for anything else. Pure. */
export function encodingOf(head: Buffer): Encoding | null {
  const start = head.toString('hex', 0, 4);
  if (start.startsWith('fffe') || /^(?!00)..00(?!00)..00$/.test(start)) return 'utf-16le';
  if (start.startsWith('feff') || /^00(?!00)..00(?!00)..$/.test(start)) return 'utf-16be';
  return null;
}

/** The start of a text in UTF-16, without its byte order mark. Pure. */
export function decodeStart(head: Buffer, encoding: Encoding): string {
  return new TextDecoder(encoding).decode(head.subarray(0, 2000));
}

async function* decode(
  source: AsyncIterable<Buffer>,
  decoder: InstanceType<typeof TextDecoder>,
  seen: { beyondAscii: boolean },
): AsyncGenerator<Buffer> {
  for await (const chunk of source) {
    const text = decoder.decode(chunk, { stream: true });
    const bytes = Buffer.from(text);
    seen.beyondAscii ||= bytes.length !== text.length;
    yield bytes;
  }
  yield Buffer.from(decoder.decode());
}

const remedy =
  'Let pg_dump write the file itself, with --file (-f): PowerShell changes what goes through > and |. Then take a new backup.';

function inUtf16(beyondAscii: boolean): BackupFinding {
  const doubt =
    ' It holds letters beyond ASCII: PowerShell reads them in the encoding of the console, so they may be others than at the source, and a dump does not say.';
  return {
    rule: 'DUMP_IN_UTF16',
    message: `The plain SQL dump is in UTF-16, as PowerShell writes it, which psql does not read. It was turned into UTF-8 here.${beyondAscii ? doubt : ''}`,
    remedy,
  };
}

const broken: BackupFinding = {
  rule: 'ARCHIVE_CORRUPT',
  message: 'The plain SQL dump is in UTF-16, as PowerShell writes it, and bytes of it are no text.',
  remedy,
};
