import { X509Certificate } from 'node:crypto';
import { OperationalError } from '../../system/operational-error.ts';
import { nearby } from '../../terminal/nearby.ts';
import { readSmallFile } from '../sign/read-key.ts';

const pem = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/**
 * Reads the certificates that a file holds.
 * @returns each in DER
 * @throws OperationalError KEY_NOT_USABLE
 */
export async function readCertificates(file: string): Promise<Buffer[]> {
  const certificates = (await readSmallFile(file)).match(pem) ?? [];
  if (certificates.length === 0) throw unusable(`${nearby(file)} holds no certificate in PEM.`);
  return certificates.map((text) => {
    try {
      return new X509Certificate(text).raw;
    } catch (error) {
      throw unusable(`${nearby(file)} holds a certificate that cannot be read.`, error);
    }
  });
}

function unusable(problem: string, cause?: unknown): OperationalError {
  const hint = 'Give the certificates of the authority for time stamps in PEM: openssl x509 -inform DER -in FILE';
  return new OperationalError('KEY_NOT_USABLE', `${problem} ${hint}`, { cause });
}
