import { OperationalError } from '../../system/operational-error.ts';
import { oneLine } from '../../terminal/one-line.ts';

/** What a server answered with in place of a file, with the next step. `body` is the start of what came with it. Pure. */
export function explainStatus(address: string, status: number, body: string, isSigned: boolean): OperationalError {
  const [, code = ''] = /<Code>([A-Za-z]{1,60})<\/Code>/.exec(body) ?? [];
  const said = code === '' ? `${status}` : `${status} (${code})`;
  return notFetched(`${address} answered ${said}. ${nextStep(status, body, isSigned)}`);
}

function nextStep(status: number, body: string, isSigned: boolean): string {
  if (/Request has expired|ExpiredToken|<X-Amz-Expires>|Signature not valid in the specified time/i.test(body)) {
    return 'The signed address has expired: make a new one. For every night, name the bucket itself: s3://BUCKET/PATH.';
  }
  if (status === 404 || status === 410) return 'There is no file at that address: mend it.';
  if (/InvalidObjectState/.test(body)) return 'It is in an archive class of storage, and has to be brought back first.';
  if (status === 401 || status === 403) {
    return isSigned
      ? 'A signed address is for one file and a short time, and nothing of it may be changed or left out: make a new one.'
      : 'Give an address that may be read without a login, a signed one, or name the place as a remote of rclone.';
  }
  return 'See what the server says in a browser or with curl, and start again.';
}

const causes: [RegExp, string][] = [
  [
    /Proxy response|HTTP Tunneling|invalid onRequest/,
    'the proxy of HTTPS_PROXY does not let it through: see whether it takes a login there, or name the host in NO_PROXY',
  ],
  [/CERT_HAS_EXPIRED/, 'the certificate of the server has expired: renew it there'],
  [
    /SELF_SIGNED_CERT|UNABLE_TO_VERIFY_LEAF|UNABLE_TO_GET_ISSUER|DEPTH_ZERO/,
    'its certificate was signed by nobody that this machine trusts: name the certificate of the authority in NODE_EXTRA_CA_CERTS',
  ],
  [
    /ERR_TLS_CERT_ALTNAME_INVALID/,
    'its certificate is for another name: the address is wrong, or somebody is in between',
  ],
  [/CERT_|ERR_TLS|ERR_SSL|EPROTO/, 'no secure connection came about (TLS)'],
  [
    /ENOTFOUND|EAI_AGAIN/,
    'its name is not known here: see whether it is right, and whether this machine reaches a name server',
  ],
  [/ECONNREFUSED/, 'nobody listens there'],
  [
    /ETIMEDOUT|UND_ERR_CONNECT_TIMEOUT|UND_ERR_HEADERS_TIMEOUT|EHOSTUNREACH|ENETUNREACH/,
    'it did not answer: see whether a firewall or a proxy is in between',
  ],
  [/ECONNRESET|UND_ERR_SOCKET|UND_ERR_BODY_TIMEOUT|EPIPE|terminated/, 'the connection broke again and again'],
];

/** Why a server could not be asked, with the next step. Pure. */
export function explainConnection(address: string, error: unknown, isByProxy = false): OperationalError {
  const code = codeOf(error);
  const said = messageOf(error);
  const known = causes.find(([pattern]) => pattern.test(code) || pattern.test(said))?.[1];
  const why = known === undefined ? oneLine(code) : `${known} (${oneLine(code)})`;
  const proxy = isByProxy
    ? ' HTTPS_PROXY or HTTP_PROXY is set, so it may be the proxy that does not answer: NO_PROXY names hosts that are asked without it.'
    : '';
  return notFetched(`${address} could not be fetched: ${why}.${proxy}`, { cause: error });
}

/** fetch says little itself; what is below it has a code. */
export function codeOf(error: unknown): string {
  const { code, cause, message } = error as { code?: string; cause?: unknown; message?: string };
  if (typeof code === 'string') return code;
  return cause === undefined || cause === null ? (message ?? 'unknown reason') : codeOf(cause);
}

/** What is below it all; it may name an address, and is shown to nobody. */
function messageOf(error: unknown): string {
  const { cause, message } = error as { cause?: unknown; message?: string };
  return cause === undefined || cause === null ? (message ?? '') : messageOf(cause);
}

export function notFetched(message: string, options?: ErrorOptions): OperationalError {
  return new OperationalError('BACKUP_NOT_FETCHED', message, options);
}
