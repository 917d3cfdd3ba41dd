import type { DisposableConnection } from '../postgres/disposable.ts';
import { disposableTarget } from '../restore/disposable-target.ts';
import type { Target } from '../restore/target.ts';
import type { ServedDatabase } from './served-database.ts';

/** The database that a drill restores into: the source's own name, or another one beside it. */
export class RestoreSite {
  readonly served: ServedDatabase;
  readonly name: string;

  constructor(served: ServedDatabase, name = served.drill.profile.database.name) {
    this.served = served;
    this.name = name;
  }

  /** With the role that owns it. */
  get asOwner(): DisposableConnection {
    return { ...this.served.asOwner, database: this.name };
  }

  /** With the superuser. */
  get asAdmin(): DisposableConnection {
    return { ...this.served.asAdmin, database: this.name };
  }

  /** With the role that sees every row and may do nothing. */
  get asReader(): DisposableConnection {
    return { ...this.served.asReader, database: this.name };
  }

  get target(): Target {
    const { server, drill } = this.served;
    const { logins, run } = drill;
    return disposableTarget({ server, owner: this.asOwner, operator: logins.operator, secrets: run.secrets });
  }
}

declare const filled: unique symbol;

/** One that a backup has been restored into. */
export type RestoredDatabase = RestoreSite & { readonly [filled]: true };

/** Says that a backup has been restored there; a database that was not cannot be compared. */
export function asRestored(site: RestoreSite): RestoredDatabase {
  return site as RestoredDatabase;
}
