import { access, constants } from 'node:fs/promises';
import { delimiter, dirname, join, resolve } from 'node:path';
import { sendProbe } from '../../app/probe.ts';
import type { AppProfile } from '../../config/profile.ts';
import type { Diagnosis } from '../../doctor/diagnosis.ts';
import type { Environment } from '../../system/environment.ts';

/** Whether the application of the profile could be started. It is not: it has no database yet. */
export async function examineApplication(
  { command, image, url, health }: AppProfile,
  directory: string,
  environment: Environment,
): Promise<Omit<Diagnosis, 'name'>> {
  if (command !== undefined) return examineCommand(command[0], directory, environment.path);
  if (image !== undefined) return examineImage(image);
  return examineUrl(new URL(health.path, url));
}

async function examineCommand(program: string, directory: string, path: string): Promise<Omit<Diagnosis, 'name'>> {
  const bins = [directory, ...above(directory)].map((each) => join(each, 'node_modules/.bin'));
  const places = program.includes('/')
    ? [resolve(directory, program)]
    : [...bins, ...path.split(delimiter)].map((each) => join(each, program));
  for (const place of places) {
    if (await isProgram(place)) return { state: 'works', text: `the program ${program} is ${place}` };
  }
  const text = `there is no program "${program}" on PATH or in node_modules/.bin near the profile`;
  return { state: 'broken', text, remedy: 'install it, or mend app.command in the profile' };
}

async function examineImage(image: string): Promise<Omit<Diagnosis, 'name'>> {
  // Testcontainers takes half a second to load.
  const [{ ImageName }, { findDocker }] = await Promise.all([
    import('testcontainers'),
    import('../../engine/docker-client.ts'),
  ]);
  const client = await findDocker(new AbortController().signal);
  if ('remedy' in client)
    return { state: 'broken', text: `the image ${image} takes Docker: ${client.reason}`, remedy: client.remedy };
  if (await client.image.exists(ImageName.fromString(image)))
    return { state: 'works', text: `the image ${image} is here` };
  return {
    state: 'may-work',
    text: `the image ${image} is not here, a rehearsal would fetch it`,
    remedy: `docker pull ${image}`,
  };
}

async function examineUrl(address: URL): Promise<Omit<Diagnosis, 'name'>> {
  const { origin, pathname, search } = address;
  const request = { method: 'GET', path: pathname + search, headers: {}, status: 200 } as const;
  const { failure, actual } = await sendProbe(origin, request, new AbortController().signal, patienceMs);
  if (failure === null || failure === 'status') return { state: 'works', text: `${origin} answers ${actual}` };
  return {
    state: 'broken',
    text: `${origin} gives ${actual}`,
    remedy: 'start it, or mend app.url in the profile',
  };
}

const patienceMs = 10_000;

async function isProgram(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

function above(directory: string): string[] {
  const parent = dirname(directory);
  return parent === directory ? [] : [parent, ...above(parent)];
}
