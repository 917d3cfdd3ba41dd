import type { Proxies } from '../../system/environment.ts';
import { openWay } from './web-proxy.ts';
import { showAddress } from './origin.ts';
import { notFetched } from './web-errors.ts';

export interface WebLimits {
  timeoutMs: number;
  /** How long a server may say nothing. */
  silenceMs: number;
  /** Between two attempts, and longer each time. */
  pauseMs: number;
  signal: AbortSignal | undefined;
  proxies: Proxies | null;
}

/** An answer that is read with a watch on it, and ended with it. */
export interface Answer extends AsyncDisposable {
  response: Response;
  read(): AsyncGenerator<Uint8Array>;
  /** Of a short text, for an error. */
  readStart(): Promise<string>;
}

const mostRedirects = 5;

/**
 * Asks for a file, and follows where the server leads: never from https to http, and with a login only to the same host.
 * @throws OperationalError BACKUP_NOT_FETCHED; what fetch throws
 */
export async function request(address: URL, headers: Record<string, string>, limits: WebLimits): Promise<Answer> {
  const silence = new AbortController();
  const signals = [silence.signal, AbortSignal.timeout(limits.timeoutMs), ...(limits.signal ? [limits.signal] : [])];
  const signal = AbortSignal.any(signals);
  const watch = watchSilence(silence, limits.silenceMs);
  const way = await openWay(limits.proxies);
  const end = async () => {
    watch.end();
    await way.close();
  };
  try {
    return toAnswer(await followAll(address, headers, { ask: way.fetch, signal, watch }), watch, end);
  } catch (error) {
    await end();
    throw error;
  }
}

type Watch = ReturnType<typeof watchSilence>;

interface Asking {
  ask: typeof fetch;
  signal: AbortSignal;
  watch: Watch;
}

async function followAll(address: URL, headers: Record<string, string>, { ask, signal, watch }: Asking) {
  let next = address;
  for (let redirects = 0; ; redirects += 1) {
    const response = await ask(withoutLogin(next), {
      // The bytes of the file, not what a proxy makes of them.
      headers: { 'accept-encoding': 'identity', ...headers, ...loginOf(next) },
      redirect: 'manual',
      signal,
    });
    watch.heard();
    const location = response.headers.get('location');
    if (response.status < 300 || response.status >= 400 || location === null) return response;
    await response.body?.cancel();
    next = follow(next, location);
    if (redirects === mostRedirects) {
      throw notFetched(`${showAddress(address)} leads from one address to the next, more than ${mostRedirects} times.`);
    }
  }
}

function follow(from: URL, location: string): URL {
  if (!URL.canParse(location, from)) throw notFetched(`${showAddress(from)} leads to an address that is none.`);
  const to = new URL(location, from);
  if (!/^https?:$/.test(to.protocol) || (from.protocol === 'https:' && to.protocol === 'http:')) {
    throw notFetched(`${showAddress(from)} leads to ${showAddress(to)}, which is not encrypted. It is not followed.`);
  }
  if (to.host === from.host && to.username === '') [to.username, to.password] = [from.username, from.password];
  return to;
}

/** fetch takes no address with a login in it. */
function withoutLogin(address: URL): URL {
  const bare = new URL(address);
  bare.username = '';
  bare.password = '';
  return bare;
}

function loginOf({ username, password }: URL): Record<string, string> {
  if (username === '' && password === '') return {};
  const login = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { authorization: `Basic ${Buffer.from(login).toString('base64')}` };
}

function watchSilence(silence: AbortController, silenceMs: number) {
  const stalled = () => {
    silence.abort(Object.assign(new Error('nothing came'), { code: 'UND_ERR_BODY_TIMEOUT' }));
  };
  let timer = setTimeout(stalled, silenceMs);
  return {
    heard() {
      clearTimeout(timer);
      timer = setTimeout(stalled, silenceMs);
    },
    end() {
      clearTimeout(timer);
    },
  };
}

function toAnswer(response: Response, watch: Watch, end: () => Promise<void>): Answer {
  async function* read() {
    for await (const chunk of response.body ?? []) {
      watch.heard();
      yield chunk as Uint8Array;
    }
  }
  return {
    response,
    read,
    async readStart() {
      for await (const chunk of read()) return Buffer.from(chunk).toString('utf8', 0, 4096);
      return '';
    },
    async [Symbol.asyncDispose]() {
      await response.body?.cancel().catch(() => undefined);
      await end();
    },
  };
}
