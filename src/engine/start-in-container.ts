import type { Duplex } from 'node:stream';
import type { ContainerRuntimeClient } from 'testcontainers';

type Container = ReturnType<ContainerRuntimeClient['container']['getById']>;
type Exec = Awaited<ReturnType<Container['exec']>>;

/**
 * Starts a program in a container.
 * @param stdin whether it reads what is written to the stream
 * @returns the stream, which carries all three standard streams
 * @throws what the daemon answers
 */
export async function startInContainer(
  container: Container,
  stdin: boolean,
  options: { Cmd: string[]; Env?: string[] },
): Promise<{ exec: Exec; stream: Duplex }> {
  const exec = await container.exec({ ...options, AttachStdin: stdin, AttachStdout: true, AttachStderr: true });
  const refused = new AbortController();
  try {
    return { exec, stream: await exec.start({ hijack: true, stdin, abortSignal: refused.signal }) };
  } catch (error) {
    // docker-modem does not end a request that carries standard input: its connection would keep this process from ending.
    refused.abort();
    throw error;
  }
}
