import { readDump } from '../../postgres/archive-input.ts';
import { isEachLineFeedBehindReturn } from '../../postgres/line-ends.ts';
import { startsAsPlainDump } from '../../postgres/plain-dump.ts';
import type { BackupFinding } from '../format/backup-finding.ts';
import type { Layer } from './layer.ts';

const cr = 0x0d;
const lf = 0x0a;

/**
 * Plain SQL whose every line feed has got a carriage return in front: that is what a terminal does (`docker exec -t`), and
 * Windows. It is undone to the byte, since a carriage return of the dump's own has got another one behind it.
 */
export const crlf: Layer<'CRLF'> = {
  name: 'CRLF',
  tells: 'with line ends of CRLF',
  readByPath: false,
  recognise: (head) => startsAsPlainDump(head) && isEachLineFeedBehindReturn(head),
  async undo(dump, place) {
    const mixed = { found: false };
    const inside = await place.store(withoutReturns(readDump(dump), mixed));
    return mixed.found ? { wrong: lineEndsMixed } : { inside, warnings: [lineEnds] };
  },
};

async function* withoutReturns(source: AsyncIterable<Buffer>, mixed: { found: boolean }): AsyncGenerator<Buffer> {
  // A carriage return at the end of a piece waits for the next one.
  let waiting = Buffer.alloc(0);
  for await (const chunk of source) {
    const bytes = waiting.length === 0 ? chunk : Buffer.concat([waiting, chunk]);
    const end = bytes.at(-1) === cr ? bytes.length - 1 : bytes.length;
    yield* takeReturns(bytes.subarray(0, end), mixed);
    waiting = Buffer.from(bytes.subarray(end));
  }
  yield waiting;
}

function* takeReturns(bytes: Buffer, mixed: { found: boolean }): Generator<Buffer> {
  const kept = Buffer.allocUnsafe(bytes.length);
  let [from, length] = [0, 0];
  const keep = (to: number) => {
    length += bytes.copy(kept, length, from, to);
    from = to;
  };
  for (let at = bytes.indexOf(lf); at !== -1; at = bytes.indexOf(lf, at + 1)) {
    if (bytes[at - 1] !== cr) mixed.found = true;
    else {
      keep(at - 1);
      from = at;
    }
  }
  keep(bytes.length);
  yield kept.subarray(0, length);
}

const cause =
  'its line ends are CRLF, as where pg_dump wrote through a terminal (docker exec -t) or a program on Windows changed them';
const remedy =
  'Let the backup job write bytes: docker exec without -t (docker compose exec -T), pg_dump --file, no transfer in text mode.';

const lineEnds: BackupFinding = {
  rule: 'DUMP_LINE_ENDS',
  message: `The plain SQL dump is not as pg_dump wrote it: ${cause}. Each carriage return before a line feed was taken out here; the file itself has them still.`,
  remedy: `${remedy} This mends the file: sed 's/\\r$//'`,
};

const lineEndsMixed: BackupFinding = {
  rule: 'DUMP_LINE_ENDS',
  message: `The plain SQL dump is not as pg_dump wrote it: some of ${cause}, and others are not. What it was cannot be told.`,
  remedy,
};
