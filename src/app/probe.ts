import { request as requestPlain, type IncomingMessage } from 'node:http';
import { request as requestEncrypted } from 'node:https';
import { setTimeout as delay } from 'node:timers/promises';
import type { HealthProfile, ProbeProfile } from '../config/profile.ts';
import { OperationalError } from '../system/operational-error.ts';
import type { Application } from './application.ts';
import { findMismatch } from './match-json.ts';

/** A request to the application and the answer that is expected. */
export interface Probe extends Omit<ProbeProfile, 'withinMs'> {
  /** Whether the body of a wrong answer may be shown. A health check says how it is; other answers hold data. */
  showsBody?: boolean;
}

/** How an answer differs from the expected one: there is none, it does not end in time, its status, its body. */
export type ProbeErrorKind = 'unreachable' | 'incomplete' | 'status' | 'body';

export interface ProbeResult {
  passed: boolean;
  /** null where it passed. */
  failure: ProbeErrorKind | null;
  /** What was seen, in a few words. */
  actual: string;
}

const requestTimeoutMs = 5000;
/** With less time left nothing is sent again: no answer could come. */
const shortestAttemptMs = 100;
const longestBodyBytes = 1024 * 1024;

/** The health check of a profile, as a probe. */
export function healthProbe({ path, status, json }: HealthProfile): Probe {
  return { method: 'GET', path, headers: {}, status, showsBody: true, ...(json !== undefined && { json }) };
}

/** A probe in words, for evidence: `POST /login`. */
export function describeProbe({ method, path }: Probe): string {
  return `${method} ${path}`;
}

/** The answer that a probe expects, in words. */
export function describeExpected({ status, json }: Probe): string {
  return json === undefined ? String(status) : `${status} ${JSON.stringify(json)}`;
}

/** Sends one request. An answer that never comes, or never ends, is a result, too. Never throws. */
export async function sendProbe(
  baseUrl: string,
  probe: Probe,
  signal: AbortSignal,
  timeoutMs = requestTimeoutMs,
): Promise<ProbeResult> {
  // Not AbortSignal.any(): the signal that it makes can be collected as garbage while an answer is read, and never fires.
  const ending = new AbortController();
  const interrupt = () => {
    ending.abort(signal.reason);
  };
  const timer = setTimeout(() => {
    ending.abort(new Error(`no complete answer within ${timeoutMs / 1000} s`));
  }, timeoutMs);
  signal.addEventListener('abort', interrupt);
  try {
    signal.throwIfAborted();
    const response = await request(new URL(baseUrl + probe.path), probe, ending.signal);
    return judge(response.statusCode ?? 0, await readBody(response), probe);
  } catch (error) {
    const failure = ending.signal.aborted ? 'incomplete' : isOfConnection(error) ? 'unreachable' : 'body';
    return { passed: false, failure, actual: describeFailure(error, ending.signal) };
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', interrupt);
  }
}

/**
 * Not fetch(), which refuses some ports that an application may well have, and takes a tenth of a second to load. A redirect is an
 * answer of its own here: following it would probe something else.
 */
function request(url: URL, { method, headers, body }: Probe, signal: AbortSignal): Promise<IncomingMessage> {
  const text = body === undefined ? null : JSON.stringify(body);
  const given = new Set(Object.keys(headers).map((name) => name.toLowerCase()));
  const usual = {
    // What is compressed would not be read.
    ...{ accept: '*/*', 'accept-encoding': 'identity', 'user-agent': 'restore-rehearsal' },
    ...(text !== null && { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(text)) }),
  };
  const own = Object.fromEntries(Object.entries(usual).filter(([name]) => !given.has(name)));
  const start = url.protocol === 'https:' ? requestEncrypted : requestPlain;
  // A connection of its own, which is closed with the answer: one that was kept may have been closed by the application meanwhile.
  const options = { method, headers: { ...own, ...headers }, signal, agent: false };
  return new Promise((resolve, reject) => {
    start(url, options, resolve)
      .on('error', reject)
      .end(text ?? undefined);
  });
}

/**
 * Repeats a probe until it passes, the application has ended, or the time is over.
 * @returns the last result seen, or the last answer, where that says more
 * @throws OperationalError INTERRUPTED
 */
export async function waitForProbe(
  application: Application,
  probe: Probe,
  withinMs: number,
  signal: AbortSignal,
): Promise<ProbeResult> {
  const deadline = performance.now() + withinMs;
  let last: ProbeResult | null = null;
  for (let pauseMs = 20; ; pauseMs = Math.min(pauseMs * 1.5, 500)) {
    const leftMs = Math.ceil(deadline - performance.now());
    if (last !== null && leftMs < shortestAttemptMs) return last;
    const timeoutMs = Math.min(Math.max(leftMs, shortestAttemptMs), requestTimeoutMs);
    const result = await sendProbe(application.baseUrl, probe, signal, timeoutMs);
    if (signal.aborted)
      throw new OperationalError('INTERRUPTED', `Waiting for ${describeProbe(probe)} was interrupted.`);
    if (result.passed) return result;
    // An answer that was only cut off says less than one that was whole.
    if (last === null || last.failure === 'unreachable' || result.failure !== 'incomplete') last = result;
    if ((await application.readExit()) !== null) return last;
    await delay(Math.max(0, Math.min(pauseMs, deadline - shortestAttemptMs - performance.now())));
  }
}

function judge(status: number, body: string, probe: Probe): ProbeResult {
  const shown = probe.showsBody === true ? ` ${shorten(body)}`.trimEnd() : '';
  if (status !== probe.status) return { passed: false, failure: 'status', actual: `${status}${shown}` };
  const mismatch = probe.json === undefined ? null : findMismatch(parseJson(body), probe.json);
  if (mismatch === null) return { passed: true, failure: null, actual: describeExpected(probe) };
  return { passed: false, failure: 'body', actual: `${status}${shown}, which differs at ${mismatch}` };
}

async function readBody(response: IncomingMessage): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  let bytes = 0;
  for await (const chunk of response) {
    bytes += (chunk as Buffer).length;
    if (bytes > longestBodyBytes) throw new Error(`an answer of more than ${longestBodyBytes} bytes`);
    text += decoder.decode(chunk as Buffer, { stream: true });
  }
  return text;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Errors of the system, of TLS and of HTTP have a code; ours have none. */
function isOfConnection(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'code' in error;
}

function describeFailure(error: unknown, signal: AbortSignal): string {
  // What is aborted says so, and not why.
  if (signal.aborted) return signal.reason instanceof Error ? signal.reason.message : String(signal.reason);
  if (isOfConnection(error)) return `no answer (${error.code})`;
  return error instanceof Error ? error.message : String(error);
}

/** Error pages can be long, and what stands far inside them may be data. */
function shorten(body: string): string {
  const flat = body.replace(/\s+/g, ' ').trim();
  return flat.length > 120 ? `${flat.slice(0, 120)}…` : flat;
}
