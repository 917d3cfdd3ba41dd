import type { Unavailable } from './engine.ts';

/** What came of a question to the daemon: a status with what it said, or an error's code. */
export type Answer = { status: number; body: string } | { code: string };

/** Why the daemon at an address cannot be used, by what came of a question; null where it can. Pure. */
export function explainAnswer(at: string, answer: Answer): Unavailable | null {
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
