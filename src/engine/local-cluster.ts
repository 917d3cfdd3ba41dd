import type { Account } from '../system/account.ts';
import type { LocalPrograms } from './local-programs.ts';
import type { Enclosure } from './namespaces.ts';

/** What this machine offers. */
export interface Machine {
  programs: LocalPrograms;
  account: Account | null;
  path: string;
  enclosure: Enclosure;
}

/** The cluster of one server. */
export interface Cluster extends Machine {
  /** Of the rehearsal. */
  privateDirectory: string;
  /** Holds everything of the server, its socket, too, and belongs to its account. */
  directory: string;
  dataDirectory: string;
  smallDisk: string | null;
  /** About how many objects its databases will hold. */
  objects: number;
  /** Settings that count more than those for data that nobody will miss. */
  settings: Readonly<Record<string, string>>;
  /** The enclosure of the server, which has the small disk. */
  serverEnclosure: Enclosure;
}
