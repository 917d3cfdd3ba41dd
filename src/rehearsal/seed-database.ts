import { createExtensions } from '../postgres/extensions.ts';
import type { DisposableConnection } from '../postgres/disposable.ts';
import { runSqlFile } from '../postgres/seed.ts';
import { toolLimits } from './limits.ts';
import type { ServedDatabase } from './served-database.ts';

/**
 * Runs the profile's SQL files in order in an empty database, as the role that owns it. The extensions that the profile allows
 * are there by then.
 * @param onFile sees each file before it is run
 * @param onBytes is told how much of it was taken so far
 * @throws OperationalError SEED_FAILED
 */
export async function seedDatabase(
  { drill, server }: ServedDatabase,
  owner: DisposableConnection,
  onFile: (file: string) => void = () => undefined,
  onBytes: (taken: number) => void = () => undefined,
): Promise<void> {
  const { seed, extensions } = drill.profile;
  const wanted = extensions.map((name) => ({ name, schema: null, version: null }));
  await createExtensions({ ...server.admin, database: owner.database }, wanted, {
    owner: owner.user,
    users: [owner.user],
    mayGrant: false,
  });
  for (const file of seed) {
    onFile(file);
    await runSqlFile(server, owner, file, toolLimits(drill), onBytes);
  }
}
