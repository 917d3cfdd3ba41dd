import { once } from 'node:events';
import { createConnection, createServer, type AddressInfo, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/** A TCP port of 127.0.0.1 whose connections lead somewhere else. */
export interface Forwarder extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
}

/**
 * Listens on a free port of 127.0.0.1 and joins each connection to one that `open` makes. What goes wrong with a
 * connection ends that connection alone.
 */
export async function startForwarder(open: () => Duplex | Promise<Duplex>): Promise<Forwarder> {
  const streams = new Set<Duplex>();
  const server = createServer({ allowHalfOpen: true }, (client) => {
    track(client, streams);
    void join(client, open, streams);
  });
  const host = '127.0.0.1';
  server.listen(0, host);
  await once(server, 'listening');
  return {
    host,
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      for (const stream of streams) stream.destroy();
      await closed;
    },
  };
}

/** A forwarder to a Unix socket that is started when the first one asks for it. */
export function lazyForwarder(path: string): { start: () => Promise<Forwarder> } & AsyncDisposable {
  let started: Promise<Forwarder> | null = null;
  return {
    start: () => (started ??= startForwarder(() => openSocket(path))),
    async [Symbol.asyncDispose]() {
      await (await started)?.[Symbol.asyncDispose]();
    },
  };
}

/** Opens a connection to a Unix socket. */
export function openSocket(path: string): Socket {
  return createConnection({ path, allowHalfOpen: true });
}

async function join(client: Socket, open: () => Duplex | Promise<Duplex>, streams: Set<Duplex>): Promise<void> {
  try {
    const target = await open();
    track(target, streams);
    // It may have gone, or everything may have been disposed of, while the other end was being opened.
    if (client.destroyed) {
      target.destroy();
      return;
    }
    client.once('close', () => target.destroy());
    target.once('close', () => client.destroy());
    client.pipe(target).pipe(client);
  } catch {
    client.destroy();
  }
}

function track(stream: Duplex, streams: Set<Duplex>): void {
  streams.add(stream);
  stream.on('error', () => stream.destroy());
  stream.once('close', () => streams.delete(stream));
}
