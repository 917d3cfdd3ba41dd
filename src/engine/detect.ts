import type { Environment } from '../system/environment.ts';
import type { Profile } from '../config/profile.ts';
import { OperationalError } from '../system/operational-error.ts';
import { imageMajor } from '../postgres/image-major.ts';
import { isUnavailable, type Engine, type Unavailable } from './engine.ts';
import { probeLocal } from './local.ts';

/**
 * Chooses who provides the disposable server: with `auto`, Docker where it answers and has the image or can fetch it,
 * else this machine's own programs.
 * @param major what is preferred of this machine's programs; the image's, if it is not given
 * @throws OperationalError NO_ENGINE with every reason and the command that mends it
 */
export async function detectEngine(
  { engine, image }: Profile['postgres'],
  environment: Environment,
  signal: AbortSignal,
  major = imageMajor(image),
): Promise<Engine> {
  const failures: Failure[] = [];
  if (engine !== 'local') {
    // Testcontainers takes half a second to load: only those who use it wait for it.
    const { probeDocker } = await import('./docker.ts');
    const docker = await probeDocker(image, environment, signal);
    if (!isUnavailable(docker)) return docker;
    failures.push({ name: 'docker', ...docker });
  }
  if (engine !== 'docker') {
    const local = await probeLocal(environment, major);
    if (!isUnavailable(local)) return withReason(local, failures[0]);
    failures.push({ name: 'local', ...local });
  }
  throw noEngine(failures);
}

type Failure = Unavailable & { name: string };

/** The same image of another major version, as far as its tag names one: `postgres:17-alpine` for `postgres:16-alpine`. Pure. */
export function imageOfMajor(image: string, major: number): string {
  const named = imageMajor(image);
  if (named === null || named === major) return image;
  const at = image.lastIndexOf(':') + 1;
  const version = new RegExp(`(^|pg|postgres_?)${named}(?:\\.\\d+)*`, 'i');
  return image.slice(0, at) + image.slice(at).replace(version, `$1${major}`);
}

function withReason(engine: Engine, passedOver: Failure | undefined): Engine {
  if (passedOver === undefined) return engine;
  return { ...engine, reason: `${engine.reason}; Docker was passed over: ${passedOver.reason}` };
}

function noEngine(failures: Failure[]): OperationalError {
  const lines = failures.map(({ name, reason, remedy }) => `  ${name}: ${reason}.\n    To mend it: ${remedy}.`);
  return new OperationalError('NO_ENGINE', `No engine can provide a PostgreSQL server here.\n${lines.join('\n')}`);
}
