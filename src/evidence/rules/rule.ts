/** What is to be said of a finding: [what it means, where it comes from, what to do]. */
export type RuleText = readonly [meaning: string, cause: string, remedy: string];
export type RuleTexts = Readonly<Record<string, RuleText>>;
