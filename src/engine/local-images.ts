import { findDocker } from './docker-client.ts';

/** Names of the images that Docker has here, with their tags: `postgres:17-alpine`. None where no daemon answers. */
export async function listLocalImages(signal: AbortSignal): Promise<string[]> {
  const client = await findDocker(signal);
  if ('remedy' in client) return [];
  const images = await client.container.dockerode.listImages();
  return images.flatMap(({ RepoTags: tags }) => (tags as string[] | null) ?? []);
}
