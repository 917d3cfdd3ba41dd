import { findDocker } from './docker-client.ts';

/** Names of the images that Docker has here, with their tags: `postgres:17-alpine`. null where no daemon answers. */
export async function listLocalImages(signal: AbortSignal): Promise<string[] | null> {
  const client = await findDocker(signal);
  if ('remedy' in client) return null;
  const images = await client.container.dockerode.listImages();
  return images.flatMap(({ RepoTags: tags }) => (tags as string[] | null) ?? []);
}
