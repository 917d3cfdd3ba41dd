import { ownHomepage } from '../../system/version.ts';
import { rules } from './rules.ts';

/** Where docs/findings.md tells of rules that are made of a kind of object and a kind of difference. */
export const differencesHeading = 'Definitions and state';

/** What docs/findings.md says of a rule, in plain words; null where the rule follows from a kind of object. Pure. */
export function explainRule(rule: string): { meaning: string; cause: string; remedy: string } | null {
  for (const texts of Object.values(rules)) {
    const text = Object.hasOwn(texts, rule) ? texts[rule] : undefined;
    if (text === undefined) continue;
    const [meaning, cause, remedy] = text.map(plain) as [string, string, string];
    return { meaning, cause, remedy };
  }
  return null;
}

/** The address of what docs/findings.md says of a rule; null where the package says no homepage. Pure. */
export function addressOfRule(rule: string, homepage = ownHomepage()): string | null {
  if (homepage === null) return null;
  const heading = explainRule(rule) === null ? differencesHeading : rule;
  const anchor = heading.toLowerCase().replaceAll(' ', '-');
  return `${homepage.replace(/#.*$/, '').replace(/\/$/, '')}/blob/HEAD/docs/findings.md#${anchor}`;
}

/** Texts of the tables without their Markdown: code stays as it is, a link is its words. Pure. */
export function plain(text: string): string {
  return text.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').replaceAll('`', '');
}
