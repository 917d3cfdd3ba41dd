import { PostgreSqlContainer } from '@testcontainers/postgresql';
import { GenericContainer } from 'testcontainers';

/**
 * A DNS server that leads nowhere: the container itself. Daemons before 26.0 passed questions out of internal networks,
 * unless the container had a DNS server of its own (CVE-2024-29018).
 */
export const deadEnd = {
  Dns: ['127.0.0.1'],
  // Docker's own resolver never says that there is no answer: who asks for a name would wait for 20 s.
  DnsOptions: ['timeout:1', 'attempts:2'],
};

/** A server without a published port: its socket is in a directory that is mounted. */
export class SocketPostgreSqlContainer extends PostgreSqlContainer {
  constructor(image: string) {
    super(image);
    // The module's own constructor exposes one.
    this.exposedPorts = [];
    delete this.createOpts.ExposedPorts;
    delete this.hostConfig.PortBindings;
    Object.assign(this.hostConfig, deadEnd);
  }

  /** Not as `withBindMounts` does it, which makes the daemon create the directory where it does not see it. */
  withMount(source: string, target: string): this {
    this.hostConfig.Mounts = [{ Type: 'bind', Source: source, Target: target }];
    return this;
  }
}

/** An application that has no way out of its network, by names neither. */
export class EnclosedContainer extends GenericContainer {
  constructor(image: string) {
    super(image);
    Object.assign(this.hostConfig, deadEnd);
  }
}
