import fc from 'fast-check';
import { createWriteStream } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { isLongRun } from '../../fixtures/testing/sample.ts';
import { describeEngine } from '../../fixtures/testing/engines.ts';
import { loadProfile } from '../config/load-profile.ts';
import { hashFile } from '../backup/checksum.ts';
import { custom as formatOfArchives } from '../backup/format/archive.ts';
import { Drill } from './drill.ts';
import { BackupCopy, type Original } from './faults/backup-copy.ts';
import { seal } from './faults/damage-archive.ts';
import { rehearseCopy } from './faults/rehearse-copy.ts';
import { addSpecimens } from './faults/specimens.ts';
import { Run } from './run.ts';
import { captureReference } from './steps/capture-reference.ts';
import { createTarget } from './steps/create-target.ts';
import { takeDump, type TakenDump } from './steps/dump.ts';
import { restoreInto } from './steps/restore.ts';
import { seedBaseline } from './steps/seed.ts';
import { startSeedServer } from './steps/server/start-for-seed.ts';

/** REHEARSAL_TEST_FUZZ_RUNS=5000 REHEARSAL_TEST_FUZZ_SEED=7 npx vitest run --project tests src/rehearsal/archive-fuzz.test.ts */
const numRuns = Number(process.env['REHEARSAL_TEST_FUZZ_RUNS'] ?? (isLongRun ? 3000 : 150));

/** By how many in ten are of each: pg_dump's flag, and what the dump is packed with. */
const formats = [
  ['custom', '-Fc', null, 4],
  ['tar', '-Ft', null, 2],
  ['plain', '-Fp', null, 3],
  ['plain, gzipped', '-Fp', gzipSync, 1],
] as const;
const seed = Number(process.env['REHEARSAL_TEST_FUZZ_SEED'] ?? (isLongRun ? Date.now() % 2 ** 31 : 20_260_209));

/** A place in an archive, in millionths of its length: anywhere, not at its ends above all. */
const place = fc.noBias(fc.integer({ min: 0, max: 999_999 }));
const length = fc.oneof(fc.noBias(fc.integer({ min: 1, max: 8 })), fc.noBias(fc.integer({ min: 9, max: 4096 })));

type Mutation = (bytes: Buffer) => Buffer;

const flips = fc.tuple(place, fc.noBias(fc.integer({ min: 1, max: 255 }))).map(([at, mask]): Mutation => (bytes) => {
  const changed = Buffer.from(bytes);
  const index = offset(at, bytes);
  changed[index] = (bytes[index] ?? 0) ^ mask;
  return changed;
});
const cuts = fc.tuple(place, length).map(([at, size]): Mutation => (bytes) => {
  const from = offset(at, bytes);
  return Buffer.concat([bytes.subarray(0, from), bytes.subarray(from + size)]);
});
const ends = place.map(
  (at): Mutation =>
    (bytes) =>
      bytes.subarray(0, offset(at, bytes)),
);
const splices = fc.tuple(place, place, length).map(([at, other, size]): Mutation => (bytes) => {
  const [to, from] = [offset(at, bytes), offset(other, bytes)];
  return Buffer.concat([bytes.subarray(0, to), bytes.subarray(from, from + size), bytes.subarray(to)]);
});
const mutations = fc.array(
  fc.oneof(
    { arbitrary: flips, weight: 30 },
    { arbitrary: cuts, weight: 3 },
    { arbitrary: splices, weight: 3 },
    { arbitrary: ends, weight: 1 },
  ),
  {
    minLength: 1,
    maxLength: 20,
  },
);

describeEngine('local', 'a backup with random damage, sealed as if it were whole', (engine) => {
  let custom: Original;
  let source = '';

  beforeAll(async () => {
    const loaded = await loadProfile(fileURLToPath(new URL('../../rehearsal.config.ts', import.meta.url)));
    const profile = { ...loaded.profile, postgres: { ...loaded.profile.postgres, engine } };
    delete profile.app;
    const say = () => undefined;
    const drill = new Drill(await Run.create(), { ...loaded, profile });
    const { made: served } = await startSeedServer(drill, {}, say);
    if (served === undefined) throw new Error('No server was started.');
    await seedBaseline(drill, { served }, say);
    await addSpecimens(drill, { served }, say);
    const { made: reference } = await captureReference(drill, { served }, say);
    if (reference === undefined) throw new Error('No reference was captured.');
    const { made: dump } = await takeDump(drill, { served, reference }, say);
    if (dump === undefined) throw new Error('No dump was taken.');
    custom = { served, dump, references: { runbook: reference.snapshot } };
    // PostgreSQL prints some conditions in another way once they were restored (IN over varchar): a restore by pg_restore
    // alone, of the archive without damage, says how.
    await using intact = await BackupCopy.make(custom, 'intact', profile);
    await createTarget(intact.served, intact.site.name);
    await restoreInto(intact.site, formatOfArchives.open(dump, intact.served.reader));
    source = await dumpText(intact);
  });
  afterAll(async () => {
    expect(await custom.served.drill.run.dispose()).toEqual([]);
  });

  test.each(formats)(
    `is not verified unless all came back: %s (of ${numRuns} in all, seed ${seed})`,
    { timeout: 20 * numRuns * 1000 },
    async (name, flag, pack, inTen) => {
      const original = { ...custom, dump: await takeAs(name, flag, pack) };
      const verdicts: Record<string, number> = {};
      let copies = 0;
      await fc.assert(
        fc.asyncProperty(mutations, async (damage) => {
          copies += 1;
          await using copy = await BackupCopy.make(original, `fuzz_${copies}`, original.served.drill.profile);
          copy.setToolTimeout(20_000);
          const file = copy.set.dump;
          const bytes = await readFile(file);
          await writeFile(
            file,
            damage.reduce<Buffer>((changed, mutate) => mutate(changed), bytes),
          );
          await seal(copy);
          const { verdict, rules } = await rehearseCopy(copy);
          const outcome = `${verdict} ${rules[0] ?? ''}`;
          verdicts[outcome] = (verdicts[outcome] ?? 0) + 1;
          expect(rules).not.toContain('INTERNAL');
          if (verdict === 'verified') expect(await dumpText(copy)).toBe(source);
        }),
        { numRuns: Math.ceil((numRuns * inTen) / 10), seed, endOnFailure: true },
      );
      process.stdout.write(`${copies} of ${name}, seed ${seed}: ${JSON.stringify(verdicts, null, 2)}\n`);
      // Otherwise nothing would have been compared: a few flips hit what is of no consequence. Those in what is compressed never do.
      if (pack === null) expect(Object.keys(verdicts)).toContain('verified ');
      expect(Object.keys(verdicts).length).toBeGreaterThan(1);
    },
  );

  /** The same database in another format. */
  async function takeAs(name: string, flag: string, pack: ((bytes: Buffer) => Buffer) | null): Promise<TakenDump> {
    const { served, dump } = custom;
    if (name === 'custom') return dump;
    const file = `${dump.file}.${name.replaceAll(/\W+/g, '-')}`;
    const consumeStdout = (stdout: Readable) => pipeline(stdout, createWriteStream(file));
    const login = { ...served.asOwner, timeoutMs: 60_000 };
    await served.server.runTool({ tool: 'pg_dump', args: [flag], ...login, consumeStdout });
    if (pack !== null) await writeFile(file, pack(await readFile(file)));
    return { ...dump, file, ...(await hashFile(file)) };
  }
});

function offset(millionths: number, bytes: Buffer): number {
  return Math.floor((millionths / 1_000_000) * bytes.length);
}

/** All of a database as SQL, by a program that knows nothing of our comparison. */
async function dumpText({ site, served }: BackupCopy): Promise<string> {
  const { stdout } = await served.server.runTool({
    tool: 'pg_dump',
    args: ['--no-owner', '--no-privileges'],
    ...site.asAdmin,
    timeoutMs: 60_000,
  });
  return stdout.replace(/^\\(?:un)?restrict .*$/gm, '');
}
