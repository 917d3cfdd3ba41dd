import type { Environment } from '../system/environment.ts';
import { imageMajor } from '../postgres/image-major.ts';
import type { DockerState } from '../engine/docker-check.ts';
import { isUnavailable, type Unavailable } from '../engine/engine.ts';
import { findLocalPrograms } from '../engine/local-programs.ts';
import { probeLocal } from '../engine/local.ts';
import { withoutRegistry } from '../engine/without-registry.ts';
import type { Diagnosis } from './diagnosis.ts';

/** What the Docker engine would find. Pure. */
export function examineDocker(docker: DockerState | Unavailable, image: string): Diagnosis {
  const name = 'docker';
  if ('remedy' in docker) return { name, state: 'broken', text: docker.reason, remedy: docker.remedy };
  const daemon = `Docker ${docker.version} answers at ${docker.host}`;
  if (docker.hasImage) return { name, state: 'works', text: `${daemon} and has the image ${image}` };
  return {
    name,
    state: 'may-work',
    text: `${daemon}; the image ${image} is not here, a rehearsal would fetch it, and with engine auto pass Docker over if it cannot`,
    remedy: `docker pull ${image}${withoutRegistry()}`,
  };
}

/** What the local engine would find. */
export async function examineLocal(environment: Environment, image: string): Promise<Diagnosis> {
  const name = 'local';
  const engine = await probeLocal(environment, imageMajor(image));
  const found = await findLocalPrograms(environment.postgresBinDirectory, environment.path);
  const list = found.map(({ version, directory }) => `PostgreSQL ${version} in ${directory}`);
  if (!isUnavailable(engine)) return { name, state: 'works', text: list.join(', ') };
  return { name, state: 'broken', text: engine.reason, remedy: engine.remedy };
}

/** Which of the engines a rehearsal here would take, and why not Docker where it is passed over. Pure. */
export function examineChoice(docker: Diagnosis, local: Diagnosis, wanted: 'auto' | 'docker' | 'local'): Diagnosis {
  const name = 'chosen';
  if (wanted !== 'auto') {
    const { state } = wanted === 'docker' ? docker : local;
    const other = wanted === 'docker' ? 'this machine’s programs are not used' : 'Docker is passed over';
    return { name, state, text: `${wanted}: the profile or --engine asks for it, so ${other}` };
  }
  if (docker.state === 'works') return { name, state: 'works', text: 'docker: with engine auto it comes first' };
  if (local.state !== 'works')
    return { name, state: docker.state, text: docker.state === 'broken' ? 'none' : 'docker' };
  if (docker.state === 'may-work')
    return {
      name,
      state: 'works',
      text: 'docker, if it can fetch the image; else local, which says why Docker was passed over',
    };
  return { name, state: 'works', text: `local: Docker is passed over, for ${docker.text}` };
}
