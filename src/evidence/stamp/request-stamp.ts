import { createHash, randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { redact } from '../../system/redact.ts';
import { parseStamp } from './stamp.ts';
import { verifyStamp } from './verify-stamp.ts';

/** How long is waited for an authority, all in all and each time it is asked. */
export interface StampPatience {
  totalMs: number;
  attemptMs: number;
  pauseMs: number;
}

/** The ledger is held meanwhile, and other runs wait. Public authorities answer in half a second. */
const usualPatience: StampPatience = { totalMs: 15_000, attemptMs: 6_000, pauseMs: 1_000 };
const mostBytes = 64 * 1024;

/** An authority gave no time stamp that can be used. */
export class StampFailed extends Error {}

/** A time stamp that an authority has given, and that is as it should be. */
export interface GivenStamp {
  /** DER, a TimeStampResp. */
  der: Buffer;
  stampedAt: Date;
}

/**
 * Asks an authority for a time stamp (RFC 3161, over HTTP) of these bytes, and again where the network or the server fails. What it
 * refuses is not asked for again: public authorities shut out who asks too often.
 * @throws StampFailed, with what came last
 */
export async function requestStamp(
  authority: string,
  bytes: Buffer,
  patience: StampPatience = usualPatience,
): Promise<GivenStamp> {
  const until = performance.now() + patience.totalMs;
  for (let pauseMs = patience.pauseMs; ; pauseMs *= 2) {
    const leftMs = Math.max(1, Math.ceil(until - performance.now()));
    try {
      return await ask(authority, bytes, Math.min(patience.attemptMs, leftMs));
    } catch (error) {
      if (!(error instanceof StampFailed)) throw error;
      if (!(error instanceof MayRecover) || performance.now() + pauseMs >= until) throw error;
    }
    await delay(pauseMs);
  }
}

class MayRecover extends StampFailed {}

async function ask(authority: string, bytes: Buffer, timeoutMs: number): Promise<GivenStamp> {
  const nonce = randomBytes(8);
  const der = await post(authority, await encodeRequest(bytes, nonce), timeoutMs);
  const verdict = await verifyStamp(der, { signature: bytes, authorities: null, finishedAt: new Date() });
  if (!verdict.ok) throw new StampFailed(`${nameOf(authority)} gave no good time stamp. ${verdict.message}`);
  const { info } = await parseStamp(der);
  if (info.nonce === undefined || !nonce.equals(unsigned(info.nonce.valueBlock.valueHexView))) {
    throw new StampFailed(`${nameOf(authority)} answered another request: its time stamp has another nonce.`);
  }
  return { der, stampedAt: verdict.stampedAt };
}

async function encodeRequest(bytes: Buffer, nonce: Buffer): Promise<Buffer> {
  const { AlgorithmIdentifier, MessageImprint, TimeStampReq } = await import('pkijs');
  const { Integer, Null, OctetString } = await import('asn1js');
  // The highest bit would make it negative.
  nonce[0] = ((nonce[0] ?? 0) & 0x7f) | 0x40;
  const sha256 = new AlgorithmIdentifier({ algorithmId: '2.16.840.1.101.3.4.2.1', algorithmParams: new Null() });
  const hash = createHash('sha256').update(bytes).digest();
  const request = new TimeStampReq({
    version: 1,
    messageImprint: new MessageImprint({
      hashAlgorithm: sha256,
      hashedMessage: new OctetString({ valueHex: new Uint8Array(hash) }),
    }),
    nonce: new Integer({ valueHex: new Uint8Array(nonce) }),
    certReq: true,
  });
  return Buffer.from(request.toSchema().toBER());
}

function unsigned(integer: Uint8Array): Buffer {
  const bytes = Buffer.from(integer);
  return bytes.length > 1 && bytes[0] === 0 ? bytes.subarray(1) : bytes;
}

async function post(authority: string, body: Buffer, timeoutMs: number): Promise<Buffer> {
  const { url, headers } = target(authority);
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/timestamp-query', accept: 'application/timestamp-reply' },
      body: new Uint8Array(body),
      signal: AbortSignal.timeout(timeoutMs),
    });
    if (response.status !== 200) {
      await response.body?.cancel();
      const Failure = response.status >= 500 ? MayRecover : StampFailed;
      throw new Failure(`${nameOf(authority)} answered with HTTP status ${response.status}.`);
    }
    return await readLimited(authority, response);
  } catch (error) {
    if (error instanceof StampFailed) throw error;
    throw new MayRecover(`${nameOf(authority)} ${explain(error, timeoutMs)}.`, { cause: error });
  }
}

/** fetch takes no login in a URL. */
function target(authority: string): { url: URL; headers: Record<string, string> } {
  const url = new URL(authority);
  if (url.username === '') return { url, headers: {} };
  const login = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  [url.username, url.password] = ['', ''];
  return { url, headers: { authorization: `Basic ${Buffer.from(login).toString('base64')}` } };
}

async function readLimited(authority: string, { body }: Response): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of (body ?? []) as AsyncIterable<Uint8Array>) {
    size += chunk.length;
    if (size > mostBytes) throw new StampFailed(`${nameOf(authority)} answers with more than ${mostBytes / 1024} kB.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function explain(error: unknown, timeoutMs: number): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'TimeoutError') return `had not answered after ${(timeoutMs / 1000).toFixed(1)} s`;
  const cause = error.cause instanceof Error ? error.cause : error;
  return `cannot be reached: ${redact(cause.message || (cause as NodeJS.ErrnoException).code || 'no reason given')}`;
}

/** Without login and query, which may be secrets. */
export function nameOf(authority: string): string {
  const { host, pathname } = new URL(authority);
  return `The authority ${host}${pathname === '/' ? '' : pathname}`;
}
