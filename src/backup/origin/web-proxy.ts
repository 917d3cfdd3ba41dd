import type * as Undici from 'undici';
import type { Proxies } from '../../system/environment.ts';
import { notFetched } from './web-errors.ts';

/** How addresses are asked: directly, or by way of a proxy. */
interface Way {
  fetch: typeof fetch;
  close: () => Promise<void>;
}

/**
 * Node.js goes by no proxy of itself before version 24.
 * @throws OperationalError BACKUP_NOT_FETCHED
 */
export async function openWay(proxies: Proxies | null): Promise<Way> {
  if (proxies === null) return { fetch, close: () => Promise.resolve() };
  const undici = await import('undici');
  const agent = openAgent(undici, proxies);
  const ask = (address: unknown, options: unknown) =>
    // The library's own answers are those of fetch, by another name.
    undici.fetch(address as URL, { ...(options as object), dispatcher: agent });
  return { fetch: ask as unknown as typeof fetch, close: () => agent.destroy() };
}

function openAgent({ EnvHttpProxyAgent }: typeof Undici, proxies: Proxies) {
  try {
    return new EnvHttpProxyAgent(proxies);
  } catch {
    // The message would show the address, and the login in it.
    throw notFetched(
      'HTTPS_PROXY or HTTP_PROXY is no address of a proxy: it has to be like http://host:3128. Mend it, or name the host of the backup in NO_PROXY.',
    );
  }
}
