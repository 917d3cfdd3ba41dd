/** What flags and answers say. null: nothing. Paths are absolute. */
export interface Choices {
  /** Without its password. */
  url: string | null;
  image: string | null;
  composeService: string | null;
  composeProject: string | null;
  composeFile: string | null;
  backups: string | null;
  name: string | null;
  database: string | null;
  owner: string | null;
  /** Path of the application's health check; an empty text for none. */
  health: string | null;
  ci: 'github' | 'gitlab' | 'none' | null;
}

/** What is not known, and has to be asked. */
export interface Question {
  key: keyof Choices;
  message: string;
  /** What can be chosen from; null where any text is an answer. */
  options: { value: string; hint: string }[] | null;
  /** What is taken with --yes; null where nothing can be. */
  usual: string | null;
}
