import { setTimeout as delay } from 'node:timers/promises';
import { printable } from '../../terminal/printable.ts';
import { refusalIn } from './refusals.ts';

/** What is sent to an address, which is a secret: no error says more of it than its host. */
export interface Message {
  method: 'GET' | 'POST';
  /** Becomes JSON. */
  body?: unknown;
}

/** How long it may take in all, how long one attempt may, and how long to wait before the first of the further ones. */
export interface Patience {
  deadlineMs: number;
  attemptMs: number;
  firstPauseMs: number;
}

export const patience: Patience = { deadlineMs: 30_000, attemptMs: 10_000, firstPauseMs: 500 };

/** Nothing was delivered, and why. */
export class NotDelivered extends Error {}

/**
 * Sends a message, again and again until the deadline where another attempt may help: where the server cannot be reached, answers
 * late, is busy, or fails itself. Redirects are not followed: they would take the secret to another host.
 * @throws NotDelivered
 */
export async function send(to: URL, message: Message, { deadlineMs, attemptMs, firstPauseMs } = patience) {
  const endsAt = performance.now() + deadlineMs;
  for (let attempt = 1, pauseMs = firstPauseMs; ; attempt += 1, pauseMs *= 2) {
    const leftMs = endsAt - performance.now();
    const failure = await tryOnce(to, message, Math.max(1, Math.round(Math.min(attemptMs, leftMs))));
    if (failure === null) return;
    const waitMs = Math.max(pauseMs, failure.waitMs ?? 0);
    if (!failure.again || performance.now() + waitMs >= endsAt) {
      const tries = attempt === 1 ? '' : ` (${attempt} attempts)`;
      throw new NotDelivered(`${to.host} ${failure.reason}${tries}.`);
    }
    await delay(waitMs);
  }
}

interface Failure {
  reason: string;
  again: boolean;
  /** How long the server wants to be left alone. */
  waitMs?: number;
}

async function tryOnce(to: URL, message: Message, withinMs: number): Promise<Failure | null> {
  const signal = AbortSignal.timeout(withinMs);
  try {
    const response = await fetch(withoutLogin(to), { ...requestOf(to, message), redirect: 'manual', signal });
    // The body may take longer than its status, or never end.
    const said = await readStart(response).catch(() => '');
    return judge(response, said);
  } catch (error) {
    if (signal.aborted) return { reason: `did not answer within ${withinMs / 1000} s`, again: true };
    return describeFailure(error);
  }
}

function requestOf({ username, password }: URL, { method, body }: Message): RequestInit {
  const login = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString('base64');
  const headers = {
    'user-agent': 'restore-rehearsal',
    ...(body !== undefined && { 'content-type': 'application/json' }),
    ...((username !== '' || password !== '') && { authorization: `Basic ${login}` }),
  };
  return { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) };
}

/** fetch() refuses an address with a login, and shows all of it in its error. */
function withoutLogin(to: URL): URL {
  const address = new URL(to);
  address.username = '';
  address.password = '';
  return address;
}

const shownCharacters = 120;
const bodyMs = 2000;

/** The first bytes of a body, as far as they come soon. The rest is not waited for. */
async function readStart({ body }: Response): Promise<string> {
  if (body === null) return '';
  const reader = body.getReader() as ReadableStreamDefaultReader<Uint8Array>;
  const parts: Uint8Array[] = [];
  const timer = setTimeout(() => void reader.cancel().catch(() => undefined), bodyMs);
  try {
    for (let bytes = 0; bytes < 1000;) {
      const { done, value } = await reader.read();
      if (done) break;
      parts.push(value);
      bytes += value.length;
    }
  } finally {
    clearTimeout(timer);
    await reader.cancel().catch(() => undefined);
  }
  return printable(Buffer.concat(parts).toString().replace(/\s+/g, ' ')).trim().slice(0, shownCharacters);
}

function judge({ status, ok, headers }: Response, said: string): Failure | null {
  const answered = `answered ${status}${said === '' ? '' : `: ${said}`}`;
  if (ok) return refusalIn(said) ? { reason: answered, again: false } : null;
  if (status >= 300 && status < 400) {
    const reason = `answered ${status}, which leads elsewhere. Redirects are not followed: give the address that it leads to`;
    return { reason, again: false };
  }
  const again = status === 408 || status === 425 || status === 429 || status >= 500;
  return { reason: answered, again, waitMs: readRetryAfter(headers.get('retry-after')) };
}

/** Seconds, or a date. */
function readRetryAfter(value: string | null): number {
  if (value === null) return 0;
  const ms = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now();
  return Number.isFinite(ms) ? Math.max(0, ms) : 0;
}

const certificates = /CERT|SELF_SIGNED|UNABLE_TO_(?:VERIFY|GET_ISSUER)|ERR_TLS/;

function describeFailure(error: unknown): Failure {
  const { code, message } = rootOf(error);
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return { reason: `is a name that does not resolve (${code})`, again: true };
  if (certificates.test(code)) {
    const reason = `has a certificate that is not trusted here (${code}). NODE_EXTRA_CA_CERTS names a file with further authorities`;
    return { reason, again: false };
  }
  return { reason: `could not be reached: ${code === '' ? message : code}`, again: true };
}

/** fetch() says "fetch failed"; the reason is its cause, and where a host has several addresses, each has one of its own. */
function rootOf(error: unknown): { code: string; message: string } {
  if (error instanceof AggregateError && error.errors.length > 0) return rootOf(error.errors[0]);
  if (!(error instanceof Error)) return { code: '', message: 'for an unknown reason' };
  if (error.cause !== undefined) return rootOf(error.cause);
  return { code: 'code' in error ? String(error.code) : '', message: printable(error.message) };
}
