import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { request as requestPlainly } from 'node:http';
import { request as requestByTls } from 'node:https';
import { join } from 'node:path';
import type { Unavailable } from './engine.ts';

/** How a daemon of another machine is asked, as variables say it. */
export interface RemoteDocker {
  /** DOCKER_HOST. */
  host: string;
  /** DOCKER_TLS_VERIFY. */
  verifies: boolean;
  /** DOCKER_CERT_PATH. */
  certificates: string | null;
}

const answerTimeoutMs = 5_000;

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
  const files = await readCertificates(remote.certificates);
  return 'remedy' in files ? files : explainAnswer(at, await ask({ hostname, port, tls: files }));
}

function ssh(host: string): Unavailable {
  return {
    reason: `DOCKER_HOST is ${host}, and ssh is a way that only the program docker knows`,
    remedy:
      'let that daemon listen with TLS (dockerd --host tcp://0.0.0.0:2376 --tlsverify …), and set DOCKER_HOST=tcp://HOST:2376, DOCKER_TLS_VERIFY=1 and DOCKER_CERT_PATH',
  };
}

interface Certificates {
  ca: Buffer;
  cert: Buffer;
  key: Buffer;
}

/** Reads what a client of the daemon shows, and looks at it as far as that goes without the daemon. */
async function readCertificates(directory: string): Promise<Certificates | Unavailable> {
  const files: Record<string, Buffer> = {};
  for (const name of ['ca.pem', 'cert.pem', 'key.pem']) {
    try {
      files[name] = await readFile(join(directory, name));
    } catch (error) {
      const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
      return {
        reason: `the certificates of Docker are in ${directory} (DOCKER_CERT_PATH), and ${name} ${isMissing ? 'is not there' : 'cannot be read by this account'}`,
        remedy: isMissing
          ? 'put ca.pem, cert.pem and key.pem of a client there, or name another directory with DOCKER_CERT_PATH'
          : `chown or chmod it, so that this account can read ${join(directory, name)}`,
      };
    }
  }
  const { 'ca.pem': ca, 'cert.pem': cert, 'key.pem': key } = files as Record<'ca.pem' | 'cert.pem' | 'key.pem', Buffer>;
  const problem =
    judge('ca.pem', ca, directory) ?? judge('cert.pem', cert, directory) ?? judgeKey(cert, key, directory);
  return problem ?? { ca, cert, key };
}

function judge(name: string, text: Buffer, directory: string): Unavailable | null {
  try {
    const { validTo } = new X509Certificate(text);
    if (Date.parse(validTo) > Date.now()) return null;
    const reason = `the certificate ${join(directory, name)} (DOCKER_CERT_PATH) has expired: it was valid until ${new Date(validTo).toISOString()}`;
    return { reason, remedy: `have a new ${name} made by whoever runs that daemon` };
  } catch {
    return notReadable(name, directory);
  }
}

function judgeKey(cert: Buffer, key: Buffer, directory: string): Unavailable | null {
  try {
    if (new X509Certificate(cert).checkPrivateKey(createPrivateKey(key))) return null;
    const reason = `cert.pem and key.pem in ${directory} (DOCKER_CERT_PATH) do not belong together`;
    return { reason, remedy: 'copy both of them again, from the same client' };
  } catch {
    return notReadable('key.pem', directory);
  }
}

function notReadable(name: string, directory: string): Unavailable {
  const reason = `${join(directory, name)} (DOCKER_CERT_PATH) is not in the form of PEM`;
  return { reason, remedy: 'copy it again, as a text that starts with -----BEGIN' };
}

/** What came of a question to the daemon: a status with what it said, or an error's code. */
type Answer = { status: number; body: string } | { code: string };

function ask({ hostname, port, tls }: { hostname: string; port: string; tls: Certificates | null }): Promise<Answer> {
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

function explainAnswer(at: string, answer: Answer): Unavailable | null {
  if ('code' in answer) {
    const [, explain] = codes.find(([pattern]) => pattern.test(answer.code)) ?? other;
    return explain(at, answer.code);
  }
  if (/HTTP request to an HTTPS server/i.test(answer.body)) {
    return {
      reason: `the daemon at ${at} speaks TLS, and was asked without`,
      remedy: 'set DOCKER_TLS_VERIFY=1, and DOCKER_CERT_PATH to the directory with ca.pem, cert.pem and key.pem',
    };
  }
  if (answer.status === 200) return null;
  const remedy = 'see what stands before that daemon, and whether it lets this client in';
  return { reason: `what answers at ${at} is no Docker daemon, or refuses (status ${answer.status})`, remedy };
}

type Explain = (at: string, code: string) => Unavailable;

const lookThere = 'see whether dockerd runs there and listens at that address, and whether a firewall is between';

const other: readonly [RegExp, Explain] = [
  /./,
  (at, code) => ({ reason: `no Docker daemon answers this account at ${at}: ${code}`, remedy: lookThere }),
];

const codes: readonly (readonly [RegExp, Explain])[] = [
  [
    /ECONNREFUSED/,
    (at) => ({
      reason: `no Docker daemon answers this account at ${at}: nobody listens there`,
      remedy: `start Docker there: ${lookThere}`,
    }),
  ],
  [
    /ETIMEDOUT|EHOSTUNREACH|ENETUNREACH/,
    (at) => ({
      reason: `no Docker daemon answers this account at ${at}: that machine does not answer`,
      remedy: lookThere,
    }),
  ],
  [
    /ENOTFOUND|EAI_AGAIN/,
    (at) => ({
      reason: `the machine of ${at} has no address`,
      remedy: 'see the name in DOCKER_HOST, and whether it can be resolved here',
    }),
  ],
  [
    /CERT_HAS_EXPIRED/,
    (at) => ({
      reason: `the certificate of the daemon at ${at} has expired`,
      remedy: 'have a new one made there (dockerd --tlscert)',
    }),
  ],
  [
    /CERT_NOT_YET_VALID/,
    (at) => ({
      reason: `the certificate of the daemon at ${at} is not valid yet`,
      remedy: 'see the clocks of both machines',
    }),
  ],
  [
    /ALTNAME_INVALID/,
    (at) => ({
      reason: `the certificate of the daemon at ${at} is for other names`,
      remedy: 'name the machine in DOCKER_HOST as its certificate does, or have one made for this name',
    }),
  ],
  [
    /SELF_SIGNED|UNABLE_TO|ISSUER|SIGNATURE/,
    (at) => ({
      reason: `the certificate of the daemon at ${at} was not signed by ca.pem in DOCKER_CERT_PATH`,
      remedy: 'copy the ca.pem of whoever runs that daemon',
    }),
  ],
  [
    /wrong.version.number|packet.length/i,
    (at) => ({
      reason: `the daemon at ${at} does not speak TLS`,
      remedy: 'unset DOCKER_TLS_VERIFY if that network is yours alone, or have the daemon started with --tlsverify',
    }),
  ],
  [
    /ALERT|HANDSHAKE|BAD_CERTIFICATE|ECONNRESET|EPIPE/i,
    (at) => ({
      reason: `the daemon at ${at} refuses the certificate of this client`,
      remedy: 'have cert.pem and key.pem made by the authority that it trusts (dockerd --tlscacert)',
    }),
  ],
];
