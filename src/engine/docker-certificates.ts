import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Unavailable } from './engine.ts';

/** What a client of a daemon shows, in PEM. */
export interface DockerCertificates {
  ca: Buffer;
  cert: Buffer;
  key: Buffer;
}

/** Reads what a client of the daemon shows, and looks at it as far as that goes without the daemon. */
export async function readDockerCertificates(directory: string): Promise<DockerCertificates | Unavailable> {
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
