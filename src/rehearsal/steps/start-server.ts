import { detectEngine } from '../../engine/detect.ts';
import { createRoleAndDatabase } from '../../postgres/database.ts';
import type { StepBody } from '../step.ts';

/** Starts a disposable PostgreSQL with an empty database that belongs to a role without superuser rights. */
export const startServer: StepBody = async (drill, say) => {
  const { postgres, app } = drill.profile;
  if (postgres.engine !== 'local') say(`looking for Docker and the image ${postgres.image}`);
  const engine = await detectEngine(postgres, drill.environment, drill.signal);
  say(`${engine.name}: ${engine.reason}`);
  const server = await engine.start({
    id: drill.id,
    directory: drill.directory,
    admin: drill.admin,
    forContainers: app?.image !== undefined,
    keep: drill.keep,
    signal: drill.signal,
  });
  drill.server = await drill.use(`PostgreSQL server (${server.endCommand})`, server);
  await createRoleAndDatabase(server.admin, drill.database);
  return {
    summary: `${engine.name}, PostgreSQL ${server.serverVersion}`,
    facts: { engine: engine.name, reason: engine.reason, serverVersion: server.serverVersion },
    environment: {
      engine: engine.name,
      engineReason: engine.reason,
      image: server.image,
      imageDigest: server.imageDigest,
      serverVersion: server.serverVersion,
      tools: server.tools,
      settings: { ...server.settings },
    },
  };
};
