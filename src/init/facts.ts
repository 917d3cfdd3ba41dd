/** What files, a server and flags say of a project. Each fact knows where it comes from, for people: `compose.yaml:3`. */
export interface Facts {
  databases: DatabaseFact[];
  applications: ApplicationFact[];
  dumps: DumpsFact[];
  /** By path: what was read of dumps since. */
  told: Readonly<Record<string, DumpTold>>;
  /** What was seen and left alone, and why. */
  notes: string[];
}

/** One place that names a database. What it does not say is null. */
export interface DatabaseFact {
  from: string;
  name: string | null;
  /** The role that owns it, or that the application logs in as. */
  owner: string | null;
  /** Of the server that it is on. */
  image: string | null;
  source: Source | null;
}

/** Where a live database can be read. */
export type Source =
  | { kind: 'compose'; service: string; project: string | null }
  | {
      kind: 'variable';
      variable: string;
      file: string | null;
      url: string;
      /** Whether libpq takes it as it stands there: without the name of a driver. */
      isPlain: boolean;
    }
  /** Without its password. */
  | { kind: 'url'; url: string };

export interface ApplicationFact {
  from: string;
  name: string;
  /** `args`: in place of the image's command; null where a drill cannot start it so. */
  start: { image: string; args: string[] | null } | { command: string[] };
  port: number | null;
  /** In the order of the file. */
  env: Record<string, ApplicationValue>;
  healthPath: string | null;
}

/** What a variable of the application is in a drill: nothing of the project's own credentials. */
export type ApplicationValue =
  | { kind: 'url'; scheme: string }
  | { kind: 'part'; part: 'host' | 'port' | 'user' | 'password' | 'database' }
  | { kind: 'text'; text: string }
  | { kind: 'secret' };

/** A directory that holds dumps. */
export interface DumpsFact {
  /** As the profile names it, relative to its directory where it is below. */
  directory: string;
  from: string;
  /** What the names of its files say, with the path of the newest of each. */
  databases: { name: string; newest: string | null }[];
  files: number;
  /** Path of the newest of any database. */
  newest: string;
  /** The glob that takes them; null where they are named as our own are, and need none. */
  pattern: string | null;
  /** Who names files in this way. */
  tool: string | null;
}

/** What a dump says of its database, once it has been read. */
export interface DumpTold {
  database: string | null;
  owner: string | null;
  /** The major version of PostgreSQL that it takes; null where it does not say. */
  major: number | null;
  extensions: string[];
  /** Why it could not be read, or not be taken. */
  problem: string | null;
}

/** Facts of one reader. */
export type Found = Partial<Facts>;

/** The files of a project, as readers see them. */
export interface Project {
  directory: string;
  /** @returns null where there is no such file, or nothing that can be read as text */
  readText: (file: string) => Promise<string | null>;
}
