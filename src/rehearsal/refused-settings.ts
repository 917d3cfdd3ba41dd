import type { Finding } from '../evidence/schema.ts';
import { howToGetLocale } from '../postgres/packages.ts';
import type { RefusedSetting } from '../postgres/server-settings.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import { OperationalError } from '../system/operational-error.ts';

/** What has to be known of settings of the source that this server does not take. Pure. */
export function describeRefused(refused: RefusedSetting[]): Finding[] {
  return refused.map(({ name, value, reason, isKept = false }) => {
    const { rule, next } = isKept ? kept : (kinds.find(({ names }) => names.test(name)) ?? other);
    return {
      rule,
      severity: 'warning',
      object: value,
      message: `The source has ${name} = ${value}, which this server does not take (${reason}): what views, checks and functions compute with it may differ.`,
      remedy: next(value),
    };
  });
}

interface Kind {
  names: RegExp;
  rule: string;
  next: (value: string) => string;
}

const asInProduction = 'rehearse with the image that production runs (--image, or postgres.image in the profile).';
const other = { rule: 'SETTING_NOT_TAKEN', next: () => `To be sure, ${asInProduction}` };
const kept = {
  rule: 'SETTING_NOT_TAKEN',
  next: () =>
    'Have the target set as the source is, or rehearse on an engine: it takes the settings of the source (--engine auto).',
};
const kinds: Kind[] = [
  { names: /^lc_/, rule: 'LOCALE_MISSING', next: howToGetLocale },
  {
    names: /^timezone/i,
    rule: 'TIME_ZONE_MISSING',
    next: () => `Install the time zones of the operating system (Debian: tzdata), or ${asInProduction}`,
  },
  {
    names: /^default_text_search/,
    rule: 'TEXT_SEARCH_MISSING',
    next: () => `Text search without a named configuration uses that of this server. To be sure, ${asInProduction}`,
  },
];

/**
 * A dump writes money as lc_monetary has it: under another one its rows are not read, or read as other amounts.
 * @throws OperationalError LOCALE_MISSING
 */
export function assertMoneyIsRead(refused: RefusedSetting[], source: Snapshot | null): void {
  const locale = refused.find(({ name }) => name === 'lc_monetary');
  if (locale === undefined) return;
  const table = Object.values(source?.schema ?? {}).find(
    ({ type, definition }) => type === 'TABLE' && /\bmoney\b/.test(definition),
  );
  if (table === undefined) return;
  const message = `The table ${table.object} holds money, which a dump writes as lc_monetary of its source has it: ${locale.value}. This server does not have that locale, and would not read the same amounts (${locale.reason}). ${howToGetLocale(locale.value)}`;
  throw new OperationalError('LOCALE_MISSING', message);
}
