import { request as requestPlainly } from 'node:http';
import { request as requestByTls } from 'node:https';
import { readDockerCertificates, type DockerCertificates } from './docker-certificates.ts';
import type { Unavailable } from './engine.ts';
import { explainAnswer, type Answer } from './explain-docker-answer.ts';

/** How a daemon of another machine is asked, as variables say it. */
export interface RemoteDocker {
  /** DOCKER_HOST. */
  host: string;
  /** DOCKER_TLS_VERIFY. */
  verifies: boolean;
  /** DOCKER_CERT_PATH. */
  certificates: string | null;
}

/** Why a daemon of another machine cannot be used; null where it is one of this machine, or nothing is found. */
export async function explainRemote(remote: RemoteDocker): Promise<Unavailable | null> {
  if (!URL.canParse(remote.host)) return null;
  const { protocol, hostname, port } = new URL(remote.host);
  if (protocol === 'ssh:') return ssh(remote.host);
  if (hostname === '' || !/^(?:tcp|https?):$/.test(protocol)) return null;
  const at = `${remote.host} (DOCKER_HOST)`;
  if (!remote.verifies) return explainAnswer(at, await ask({ hostname, port, tls: null }));
  if (remote.certificates === null) {
    return {
      reason: `DOCKER_TLS_VERIFY asks for TLS with ${at}, and DOCKER_CERT_PATH does not say where the certificates are`,
      remedy:
        'set DOCKER_CERT_PATH to the directory with ca.pem, cert.pem and key.pem; for docker itself it is ~/.docker',
    };
  }
  const files = await readDockerCertificates(remote.certificates);
  return 'remedy' in files ? files : explainAnswer(at, await ask({ hostname, port, tls: files }));
}

function ssh(host: string): Unavailable {
  return {
    reason: `DOCKER_HOST is ${host}, and ssh is a way that only the program docker knows`,
    remedy:
      'let that daemon listen with TLS (dockerd --host tcp://0.0.0.0:2376 --tlsverify …), and set DOCKER_HOST=tcp://HOST:2376, DOCKER_TLS_VERIFY=1 and DOCKER_CERT_PATH',
  };
}

const answerTimeoutMs = 5_000;

function ask({
  hostname,
  port,
  tls,
}: {
  hostname: string;
  port: string;
  tls: DockerCertificates | null;
}): Promise<Answer> {
  const host = hostname.replace(/^\[|\]$/g, '');
  const options = { host, port: port || (tls === null ? 2375 : 2376), path: '/_ping', timeout: answerTimeoutMs };
  return new Promise((resolve) => {
    const request = tls === null ? requestPlainly(options) : requestByTls({ ...options, ...tls, agent: false });
    request.once('timeout', () => request.destroy(Object.assign(new Error(), { code: 'ETIMEDOUT' })));
    request.once('error', ({ code = '', message }: NodeJS.ErrnoException) => {
      resolve({ code: `${code} ${message}`.trim() });
    });
    request.once('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', () => undefined);
      response.once('end', () => {
        resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString().slice(0, 200).trim() });
      });
    });
    request.end();
  });
}
