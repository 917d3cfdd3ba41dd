import type { Inventory } from '../../config/databases-profile.ts';
import type { Environment } from '../../system/environment.ts';
import type { Plan } from '../plan.ts';

/** Databases as somebody names them, not yet looked at. */
export interface Listed {
  list: unknown;
  /** Where they were read, for errors. */
  from: string;
  /** What is there, and of which nothing can be planned, or is to be. */
  leftOut: Plan['leftOut'];
}

/** What readers of lists get. */
export interface ListingOptions {
  inventory: Inventory;
  /** Paths start here. */
  directory: string;
  environment: Environment;
}
