import { execa } from 'execa';
import { appendFile, cp, mkdtemp, open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { serveDrill } from '../../fixtures/testing/drills.ts';
import { describeEngines } from '../../fixtures/testing/engines.ts';
import { rehearseBackup } from '../../fixtures/testing/rehearse-backup.ts';
import { withClient } from '../../fixtures/testing/sessions.ts';
import { sampleOf } from '../../fixtures/testing/sample.ts';
import { useServer } from '../../fixtures/testing/servers.ts';
import { makeWorkspace } from '../../fixtures/testing/workspace.ts';
import { hashDump } from '../backup/checksum.ts';
import { takeBackup } from '../backup/take-backup.ts';
import { readEnvironment } from '../system/environment.ts';
import { databaseUrl } from '../postgres/connection.ts';
import { dropDatabase } from '../postgres/database.ts';
import type { SourceServer } from '../source/source-server.ts';
import { openUrl } from '../source/url-source.ts';
import type { ServedDatabase } from './served-database.ts';

/** As many rows, and the same definitions: only what they hold tells one dump from the other. */
const fill = (word: string) => `
  drop table if exists notes;
  create table notes (id int, word text);
  insert into notes select n, '${word} ' || md5('${word}' || n) from generate_series(1, 5000) as n`;

const words = ['examined', 'replaced'];

/** Something that is done to the dump while it is rehearsed. */
interface Change {
  replace: (dump: string, other: string) => Promise<void>;
  /** Done before the database is compared; by then all has been read. */
  putBack?: (dump: string) => Promise<void>;
}

const aside = (dump: string) => `${dump}.aside`;

const changes: Record<string, Change> = {
  'another one was renamed to its name': {
    async replace(dump, other) {
      await rename(dump, aside(dump));
      await rename(other, dump);
    },
  },
  'another one was renamed to its name, and it was put back': {
    async replace(dump, other) {
      await rename(dump, aside(dump));
      await rename(other, dump);
    },
    async putBack(dump) {
      await rm(dump, { recursive: true });
      await rename(aside(dump), dump);
    },
  },
  'another one was written over it': {
    replace: (dump, other) => eachFile(dump, other, overwrite),
  },
  'another one was written over it, and then the same bytes again': {
    async replace(dump, other) {
      await cp(dump, aside(dump), { recursive: true });
      await eachFile(dump, other, overwrite);
    },
    putBack: (dump) => eachFile(dump, aside(dump), overwrite),
  },
  'it was emptied, and another one written': {
    replace: (dump, other) =>
      eachFile(dump, other, async (file, bytes) => {
        await writeFile(file, '');
        await appendFile(file, bytes);
      }),
  },
};

async function eachFile(dump: string, other: string, write: (file: string, bytes: Buffer) => Promise<void>) {
  const names = (await stat(dump)).isDirectory() ? await readdir(other) : [''];
  for (const name of names) await write(join(dump, name), await readFile(join(other, name)));
}

/** In place: whoever has the file open sees the new bytes. */
async function overwrite(file: string, bytes: Buffer): Promise<void> {
  await using handle = await open(file, 'r+');
  await handle.write(bytes, 0, bytes.length, 0);
  await handle.truncate(bytes.length);
}

/** `streamed`: read from the file that has the dump's name. What is read in another order, or unpacked, is a copy of it. */
const formats: Record<string, { option: string; pack?: string; isStreamed: boolean }> = {
  custom: { option: '-Fc', isStreamed: true },
  plain: { option: '-Fp', isStreamed: true },
  tar: { option: '-Ft', isStreamed: false },
  directory: { option: '-Fd', isStreamed: false },
  'plain, packed with gzip': { option: '-Fp', pack: 'gzip', isStreamed: false },
  'custom, packed with zstd': { option: '-Fc', pack: 'zstd', isStreamed: false },
};

describe.skipIf(inject('skipped').local !== null)('where dumps can be made', () => {
  describeEngines('a dump that changes while it is rehearsed', (engine) => {
    const sourceServer = useServer('local');
    const server = useServer(engine);
    let source: ServedDatabase;
    const made = new Map<string, string[]>();
    let original: ServedDatabase;
    let live: SourceServer;

    beforeAll(async () => {
      source = await serveDrill(sourceServer(), {});
      original = await serveDrill(server(), {});
      await dropDatabase(server().admin, 'source');
      const owner = { ...source.asOwner, ...(await sourceServer().openPort()) };
      live = await openUrl(databaseUrl(owner), readEnvironment(), original.drill.run.directory);
    });
    afterAll(async () => {
      for (const { drill } of [source, original]) await drill.run.dispose();
    });

    /** Copies of two dumps of the same database: what is examined, and what takes its place. */
    async function dumpTwice(option: string, pack?: string) {
      const key = `${option} ${pack ?? ''}`;
      const originals = made.get(key) ?? (await makeTwo(option, pack));
      made.set(key, originals);
      const directory = await makeWorkspace();
      const copyOf = (file: string) => join(directory, basename(file));
      for (const file of originals) await cp(file, copyOf(file), { recursive: true });
      return originals.map(copyOf) as [string, string];
    }

    async function makeTwo(option: string, pack?: string) {
      const directory = await mkdtemp(join(source.drill.run.directory, 'dumps-'));
      const dumps: string[] = [];
      for (const word of words) {
        await withClient(source.asOwner, (client) => client.query(fill(word)));
        const file = join(directory, word);
        const args = [option, `--file=${file}`];
        const call = { tool: 'pg_dump' as const, args, ...live.connection, timeoutMs: 30_000 };
        expect(await live.runTool(call)).toMatchObject({ exitCode: 0 });
        if (pack !== undefined) await execa(pack, ['-q', file, ...(pack === 'zstd' ? ['--rm'] : [])]);
        dumps.push(pack === undefined ? file : `${file}${pack === 'gzip' ? '.gz' : '.zst'}`);
      }
      return dumps;
    }

    /** Rehearses a dump that changes after a step. */
    async function rehearse(
      [dump, other]: [string, string],
      { replace, putBack }: Change,
      after: 'choose' | 'examine',
    ) {
      let done = 0;
      let found: string | undefined;
      const change = async () => {
        await replace(dump, other);
        done += 1;
      };
      const { metas, rules, contribution } = await rehearseBackup(original, dump, undefined, {
        ...(after === 'choose' ? { afterChoose: change } : { afterExamine: change }),
        afterRestore: async () => putBack?.(dump),
        async inTheEnd(restored) {
          const { rows } = await withClient(restored.asAdmin, (client) =>
            client.query<{ word: string }>("select distinct split_part(word, ' ', 1) as word from public.notes"),
          );
          found = rows.map(({ word }) => word).join();
        },
      });
      expect(done).toBe(1);
      return {
        verdict: metas.every(({ status }) => status === 'passed') ? 'verified' : rules,
        sha256: contribution('examine').subject?.sha256,
        words: found,
      };
    }

    const changed = { verdict: [expect.stringMatching(/^BACKUP_CHANGED: .*examined/)] };

    for (const [format, { option, pack, isStreamed }] of Object.entries(formats)) {
      const moments = Object.entries(changes).flatMap(([what, change]) =>
        (['choose', 'examine'] as const).map((after) => [what, after, change] as const),
      );
      test.for(sampleOf(moments, ([, after]) => (engine === 'local' ? `${format} ${after}` : format)))(
        `${format}: %s after "%s"`,
        async ([, after, change]) => {
          const dumps = await dumpTwice(option, pack);
          const { sha256 } = await hashDump(dumps[0]);
          const outcome = await rehearse(dumps, change, after);
          if (isStreamed) expect(outcome).toMatchObject(changed);
          else expect(outcome).toEqual({ verdict: 'verified', sha256, words: 'examined' });
        },
      );
    }

    test.for(['-Fc', '-Fp'])('what is appended to it is no part of it (%s)', async (option) => {
      const dumps = await dumpTwice(option);
      const { sha256 } = await hashDump(dumps[0]);
      const replace = async (dump: string, other: string) => appendFile(dump, await readFile(other));
      const outcome = await rehearse(dumps, { replace }, 'examine');
      expect(outcome).toEqual({ verdict: 'verified', sha256, words: 'examined' });
    });

    test.for(['choose', 'examine'] as const)('with a manifest, it is not to blame (after "%s")', async (after) => {
      const dumps: string[] = [];
      for (const word of words) {
        await withClient(source.asOwner, (client) => client.query(fill(word)));
        const { set } = await takeBackup(live, {
          ...{ directory: await makeWorkspace(), ownership: 'runbook', format: 'custom', compression: undefined },
          limits: { timeoutMs: 30_000 },
        });
        dumps.push(set.dump);
      }
      const outcome = await rehearse(
        dumps as [string, string],
        { replace: (dump, other) => rename(other, dump) },
        after,
      );
      expect(outcome).toMatchObject(changed);
    });
  });
});
