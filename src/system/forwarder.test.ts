import { once } from 'node:events';
import { createConnection, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { makeWorkspace } from '../../fixtures/testing/workspace.ts';
import { openSocket, startForwarder, type Forwarder } from './forwarder.ts';

/** A server on a Unix socket that does with each connection what the test says. */
async function serveSocket(onConnection: (socket: Socket) => void): Promise<string> {
  const path = join(await makeWorkspace(), 'socket');
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => undefined);
    onConnection(socket);
  }).listen(path);
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return path;
}

async function readAll(socket: Socket): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of socket) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function dial({ host, port }: Forwarder): Socket {
  return createConnection({ host, port });
}

test('every byte goes there and back, also in several connections at once', async () => {
  const path = await serveSocket((socket) => socket.pipe(socket));
  await using forwarder = await startForwarder(() => openSocket(path));
  const sent = [1, 2, 3].map((fill) => Buffer.alloc(3_000_000, fill));
  const received = await Promise.all(
    sent.map(async (bytes) => {
      const client = dial(forwarder);
      client.end(bytes);
      return readAll(client);
    }),
  );
  received.forEach((bytes, index) => {
    expect(bytes.equals(sent[index] ?? Buffer.of())).toBe(true);
  });
});

test('a connection that leads nowhere is closed, and the next one works', async () => {
  const path = await serveSocket((socket) => socket.end('hello'));
  let goesTo = `${path}-that-is-not-there`;
  await using forwarder = await startForwarder(() => openSocket(goesTo));
  await expect(readAll(dial(forwarder))).resolves.toHaveLength(0);
  goesTo = path;
  expect((await readAll(dial(forwarder))).toString()).toBe('hello');
});

test('what goes wrong while one is opened ends that connection alone', async () => {
  const path = await serveSocket((socket) => socket.end('hello'));
  let fails = true;
  await using forwarder = await startForwarder(() => {
    if (fails) throw new Error('not now');
    return openSocket(path);
  });
  await expect(readAll(dial(forwarder))).resolves.toHaveLength(0);
  fails = false;
  expect((await readAll(dial(forwarder))).toString()).toBe('hello');
});

test('when either end breaks off, so does the other', async () => {
  const sockets: Socket[] = [];
  const path = await serveSocket((socket) => sockets.push(socket.resume()));
  await using forwarder = await startForwarder(() => openSocket(path));
  const [first, second] = [dial(forwarder), dial(forwarder)];
  for (const client of [first, second]) client.on('error', () => undefined).resume();
  await expect.poll(() => sockets.length).toBe(2);
  for (const socket of sockets) expect(socket.closed).toBe(false);
  first.resetAndDestroy();
  second.resetAndDestroy();
  await expect.poll(() => sockets.filter(({ readableEnded, closed }) => readableEnded || closed).length).toBe(2);
});

test('with the forwarder go its port and its connections', async () => {
  const path = await serveSocket(() => undefined);
  const forwarder = await startForwarder(() => openSocket(path));
  const client = dial(forwarder);
  await once(client, 'connect');
  await forwarder[Symbol.asyncDispose]();
  await readAll(client).catch(() => undefined);
  expect(client.closed || client.readableEnded).toBe(true);
  await expect(once(dial(forwarder), 'connect')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
});
