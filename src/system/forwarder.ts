import { once } from 'node:events';
import { createConnection, createServer, type AddressInfo, type ListenOptions, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/** A TCP port of 127.0.0.1 whose connections lead somewhere else. */
export interface Forwarder extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
}

type Open = () => Duplex | Promise<Duplex>;

/**
 * Listens on a free port of 127.0.0.1 and joins each connection to one that `open` makes. What goes wrong with a
 * connection ends that connection alone.
 */
export async function startForwarder(open: Open): Promise<Forwarder> {
  const host = '127.0.0.1';
  const { server, dispose } = await listen({ port: 0, host }, open);
  return { host, port: (server.address() as AddressInfo).port, [Symbol.asyncDispose]: dispose };
}

/** Listens on a Unix socket in the same way. The socket goes when it is disposed of. */
export async function listenOnSocket(path: string, open: Open): Promise<AsyncDisposable> {
  const { dispose } = await listen({ path }, open);
  return { [Symbol.asyncDispose]: dispose };
}

async function listen(where: ListenOptions, open: Open) {
  const streams = new Set<Duplex>();
  const server = createServer({ allowHalfOpen: true }, (client) => {
    track(client, streams);
    void join(client, open, streams);
  });
  server.listen(where);
  await once(server, 'listening');
  return {
    server,
    dispose: async () => {
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

async function join(client: Socket, open: Open, streams: Set<Duplex>): Promise<void> {
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
