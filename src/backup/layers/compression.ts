import { streamInput, type DumpFile } from '../../postgres/archive-input.ts';
import { runProgram } from '../../system/run-program.ts';
import type { Layer, LayerLimits, LayerName } from './layer.ts';
import { packed, packedCorrupt, packedEmpty, packedTruncated, packedWithTail } from './layer-findings.ts';
import type { Inside, Place } from './place.ts';
import { explainMissing } from './missing-program.ts';

/** A compression of the whole, and the program that undoes it. All of them look at checksums on the way. */
interface Compression<Name extends LayerName> {
  name: Name & string;
  /** The first bytes, in hexadecimal digits. */
  magic: string;
  /** Debian's package of the program, which has the name of the compression. */
  package: string;
  args?: string[];
  /** What the program says of a file that ends too early. */
  truncated: RegExp;
  /** What it says of bytes behind the end; with any of these all before was unpacked. */
  tail?: RegExp;
  /** Whether it is what backup jobs write, and every machine reads. */
  isCommon?: boolean;
}

/** A layer that a program undoes which reads from standard input and writes to standard output. */
export function compressionLayer<Name extends LayerName>(compression: Compression<Name>): Layer<Name> {
  const { name, magic, isCommon = false } = compression;
  const tells = `compressed with ${name}`;
  return {
    name,
    tells,
    readByPath: false,
    recognise: (head) => head.toString('hex', 0, 16).startsWith(magic),
    async undo(dump, place, limits) {
      const { exitCode, stderr, inside } = await run(compression, dump, place, limits);
      const hasTail = compression.tail?.test(stderr) === true;
      if (exitCode !== 0 && !hasTail) {
        return { wrong: compression.truncated.test(stderr) ? packedTruncated(tells) : packedCorrupt(tells) };
      }
      if (inside === null || inside.head.length === 0) return { wrong: packedEmpty(tells) };
      const warnings = [
        ...(isCommon ? [] : [packed(tells, `${name} --decompress`)]),
        ...(hasTail ? [packedWithTail(tells)] : []),
      ];
      return { inside, warnings };
    },
  };
}

async function run(
  { name, args = [], package: debian }: Compression<LayerName>,
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
