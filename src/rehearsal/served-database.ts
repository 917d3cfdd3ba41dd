import type { DisposableServer, Engine } from '../engine/engine.ts';
import type { DumpReader } from '../backup/format/backup-format.ts';
import type { DisposableConnection } from '../postgres/disposable.ts';
import { assertServerUp, canConnect, type ServerOfTools } from '../postgres/tool-errors.ts';
import type { Drill } from './drill.ts';
import { toolLimits } from './limits.ts';
import type { Majors } from '../snapshot/printed-otherwise.ts';

/** The database of a drill on its disposable server: as a source, under the name that the profile gives it. */
export class ServedDatabase {
  readonly drill: Drill;
  readonly server: DisposableServer;
  /** Who provided the server, and can provide another one. */
  readonly engine: Engine;
  /** Where it is of a newer major than its backup on purpose; null in any other rehearsal. */
  readonly upgrade: Majors | null;

  constructor(drill: Drill, server: DisposableServer, engine: Engine, upgrade: Majors | null = null) {
    this.drill = drill;
    this.server = server;
    this.engine = engine;
    this.upgrade = upgrade;
  }

  /** With the role that owns it. */
  get asOwner(): DisposableConnection {
    const { profile, logins } = this.drill;
    const { name, owner } = profile.database;
    return { ...this.server.admin, user: owner, password: logins.ownerPassword, database: name };
  }

  /** With the superuser. */
  get asAdmin(): DisposableConnection {
    return { ...this.server.admin, database: this.drill.profile.database.name };
  }

  /** With the role that sees every row and may do nothing. */
  get asReader(): DisposableConnection {
    return { ...this.asAdmin, ...this.drill.logins.reader };
  }

  /** The same server in another drill. */
  of(drill: Drill): ServedDatabase {
    return new ServedDatabase(drill, this.server, this.engine, this.upgrade);
  }

  /** Who is asked whether the server still runs when a tool has failed. */
  get ofTools(): ServerOfTools {
    return { description: 'the disposable server', isUp: () => canConnect(this.server.admin) };
  }

  /** The server's own client programs, to read a dump with. */
  get reader(): DumpReader {
    const { run } = this.drill;
    return {
      tools: this.server,
      limits: toolLimits(this.drill),
      secrets: run.secrets,
      assertServerUp: (log) => assertServerUp(this.ofTools, 'pg_restore', log),
    };
  }
}
