import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { profileSchema } from '../../src/config/profile.ts';
import { detectEngine } from '../../src/engine/detect.ts';
import { withClient } from '../../src/postgres/connection.ts';
import { createRoleAndDatabase } from '../../src/postgres/database.ts';
import { createReader } from '../../src/postgres/reader.ts';
import { runSqlFile } from '../../src/postgres/seed.ts';
import { Drill } from '../../src/rehearsal/drill.ts';
import { Run } from '../../src/rehearsal/run.ts';
import { ServedDatabase } from '../../src/rehearsal/served-database.ts';
import { parentOf } from './processor-time.ts';

/** Which server is measured. */
export interface Choice {
  engine: 'local' | 'docker';
  image: string;
}

interface Options extends Choice {
  /** What fills the database. */
  sql: string;
  /** About how many objects it will have. */
  objects?: number;
  settings?: Readonly<Record<string, string>>;
}

/** A server with a database for each side: `haircuttgbot` is the one of our steps, `by_hand` that of the bare commands. */
export interface BenchServer {
  served: ServedDatabase;
  /** Its main process; null where it cannot be seen from here. */
  pid: number | null;
}

export const byHand = 'by_hand';

/** Starts a server, fills it, hands it over, and takes it away. */
export async function withBenchServer<Result>(
  { engine: wanted, image, sql, objects = 0, settings = {} }: Options,
  body: (server: BenchServer) => Promise<Result>,
): Promise<Result> {
  const run = await Run.create();
  try {
    const profile = profileSchema.parse({
      name: 'bench',
      database: { name: 'haircuttgbot', owner: 'haircuttgbot' },
      postgres: { engine: wanted, image },
    });
    const drill = new Drill(run, { profile, directory: run.directory });
    const engine = await detectEngine({ engine: wanted, image }, run.environment, run.signal);
    const { id, directory, keep, signal } = run;
    const start = { id, directory, admin: drill.logins.admin, forContainers: false, objects, settings, keep, signal };
    const server = await run.use('PostgreSQL server', await engine.start(start));
    const served = new ServedDatabase(drill, server, engine);
    await createReader(server.admin, drill.logins.reader);
    await createRoleAndDatabase(server.admin, served.asOwner);
    const file = join(run.directory, 'bench.sql');
    await writeFile(file, sql);
    await runSqlFile(server, served.asOwner, file, { timeoutMs: 3_600_000 });
    const pid = await withClient(server.admin, async (client) => {
      await client.query(`create database ${byHand} template ${profile.database.name}`);
      for (const name of [profile.database.name, byHand]) {
        await withClient({ ...server.admin, database: name }, (each) => each.query('vacuum analyze'));
      }
      await client.query('checkpoint');
      const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
      return wanted === 'local' ? parentOf(rows[0]?.pid ?? 0) : null;
    });
    return await body({ served, pid });
  } finally {
    const left = await run.dispose();
    if (left.length > 0) console.error(`This could not be removed: ${left.join('; ')}`);
  }
}
