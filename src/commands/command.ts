import type { Verdict } from '../evidence/schema.ts';
import type { Flag, FlagTable } from './flags.ts';

/** A command of the command line. Help, variables, checks and errors follow from its flags. */
export interface Command<Flags extends FlagTable = FlagTable> {
  /** As in `npm run NAME`; of two words, as in `npm run NAME -- SUBCOMMAND`. */
  readonly name: string;
  /** What follows the name in the help, where flags have to be given. */
  readonly usage?: string;
  /** Paragraphs of the help: what it does. */
  readonly about: readonly string[];
  /** What the names are that stand beside the flags; without it, a command takes flags only. */
  readonly names?: string;
  readonly flags: Flags;
  /** Paragraphs of the help that follow the flags. */
  readonly notes: readonly string[];
  /** What its exit status says, for the help. */
  readonly exitStatus: string;
  /** @throws OperationalError, which is shown; the command could not be run then */
  run(options: Options<Flags>, names: string[]): Promise<CommandOutcome>;
}

/** What flags and variables ask of a command, under the names of its table. */
export type Options<Flags extends FlagTable> = {
  [Key in keyof Flags]: Flags[Key] extends Flag<infer Value> ? Value : never;
};

/** The flags of a command as a suggestion gives them. */
export type Suggested<Flags extends FlagTable> = {
  [Key in keyof Flags]?: Flags[Key] extends Flag<boolean> ? boolean : string | null;
};

/** What a command says with its exit status. */
export type CommandOutcome = Verdict | 'done';

/** Lets the type of the options follow from the flags. */
export function defineCommand<Flags extends FlagTable>(command: Command<Flags>): Command<Flags> {
  return command;
}
