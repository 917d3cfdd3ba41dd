import { streamInput, type DumpFile } from '../../postgres/archive-input.ts';
import { runProgram } from '../../system/run-program.ts';
import type { Layer, LayerLimits, LayerName } from './layer.ts';
import { packed, packedCorrupt, packedEmpty, packedTruncated, packedWithTail } from './layer-findings.ts';
import type { Inside, Place } from './place.ts';
import { explainMissing } from './missing-program.ts';

/** A compression of the whole, and the program that undoes it. All of them look at checksums on the way. */
interface Compression<Name extends LayerName> {
  name: Name & string;
  /** How it starts, in hexadecimal digits: each of the formats that the program reads. */
  magic: RegExp;
  /** Debian's package of the program, which has the name of the compression. */
  package: string;
  args?: string[];
  /** What the program says of a file that ends too early. */
  truncated: RegExp;
  /** What it says of bytes behind the end; with any of these all before was unpacked. */
  tail?: RegExp;
  /** Lets a program that says nothing of its own of such bytes pass over them. */
  passOverTail?: string[];
  /** How what backup jobs write starts, and every machine reads. */
  common?: RegExp;
}

/** A layer that a program undoes which reads from standard input and writes to standard output. */
export function compressionLayer<Name extends LayerName>(compression: Compression<Name>): Layer<Name> {
  const { name, magic, common } = compression;
  const tells = `compressed with ${name}`;
  return {
    name,
    tells,
    readByPath: false,
    recognise: (head) => magic.test(startOf(head)),
    async undo(dump, place, limits) {
      const { wrong, inside, hasTail } = await decompress(compression, dump, place, limits);
      if (wrong !== null) return { wrong: wrong === 'truncated' ? packedTruncated(tells) : packedCorrupt(tells) };
      if (inside === null || inside.head.length === 0) return { wrong: packedEmpty(tells) };
      const warnings = [
        ...(common?.test(startOf(dump.head)) === true ? [] : [packed(tells, `${name} --decompress`)]),
        ...(hasTail ? [packedWithTail(tells)] : []),
      ];
      return { inside, warnings };
    },
  };
}

/** How a file starts behind what zstd and lz4 both pass over: frames for the notes of a program (RFC 8878, 3.1.2; pzstd). */
function startOf(head: Buffer): string {
  let at = 0;
  while (head.length >= at + 8 && (head.readUInt32LE(at) & 0xfffffff0) >>> 0 === 0x184d2a50) {
    at += 8 + head.readUInt32LE(at + 4);
  }
  return head.toString('hex', at, at + 16);
}

interface Decompressed {
  wrong: 'truncated' | 'corrupt' | null;
  inside: Inside | null;
  hasTail: boolean;
}

async function decompress(
  compression: Compression<LayerName>,
  dump: DumpFile,
  place: Place,
  limits: LayerLimits,
): Promise<Decompressed> {
  const { args = [], passOverTail, tail, truncated } = compression;
  const { exitCode, stderr, inside } = await run(compression, args, dump, place, limits);
  const hasTail = tail?.test(stderr) === true;
  if (exitCode === 0 || hasTail) return { wrong: null, inside, hasTail };
  if (passOverTail !== undefined) {
    const again = await run(compression, [...args, ...passOverTail], dump, place, limits);
    if (again.exitCode === 0) return { wrong: null, inside: again.inside, hasTail: true };
  }
  return { wrong: truncated.test(stderr) ? 'truncated' : 'corrupt', inside: null, hasTail };
}

async function run(
  { name, package: debian }: Compression<LayerName>,
  args: string[],
  dump: DumpFile,
  place: Place,
  { path, ...limits }: LayerLimits,
) {
  let inside: Inside | null = null;
  const result = await runProgram({
    file: name,
    args: ['--decompress', '--stdout', ...args],
    env: { PATH: path, LC_ALL: 'C' },
    ...streamInput(dump),
    async consumeStdout(source) {
      inside = await place.store(source);
    },
    ...limits,
  }).catch(explainMissing(name, debian));
  return { ...result, inside: inside as Inside | null };
}
