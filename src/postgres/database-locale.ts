import pg from 'pg';

/** Columns of pg_database that say how text is compared, by name. Which there are depends on the version. */
export type LocaleProperties = Record<string, string | null>;

/** Columns of pg_database that are chosen when a database is created. */
export const localeProperties = [
  'encoding',
  'datlocprovider',
  'datcollate',
  'datctype',
  'daticulocale',
  'datlocale',
  'daticurules',
];

/** pg_database.datlocprovider, from version 15 on. */
const providers: Record<string, string> = { c: 'libc', i: 'icu', b: 'builtin' };

/** What the options of a CREATE DATABASE, by name in small letters, make of those columns. Pure. */
export function localeOfOptions(options: Record<string, string>): Record<string, string> {
  const { locale, locale_provider: provider, icu_rules: rules } = options;
  const ofProvider = options['builtin_locale'] ?? options['icu_locale'];
  const columns: [string, string | undefined][] = [
    ['datlocprovider', Object.keys(providers).find((letter) => providers[letter] === provider)],
    ['datcollate', options['lc_collate'] ?? locale],
    ['datctype', options['lc_ctype'] ?? locale],
    ['daticulocale', ofProvider],
    ['datlocale', ofProvider],
    ['daticurules', rules],
  ];
  return Object.fromEntries(columns.filter(([, value]) => value !== undefined)) as Record<string, string>;
}

/** The options of CREATE DATABASE that give a database the locale of another one, whatever the version of that. Pure. */
export function localeOptions(locale: LocaleProperties): string[] {
  const provider = providers[locale['datlocprovider'] ?? ''];
  const icuOrBuiltin = locale['datlocale'] ?? locale['daticulocale'];
  const options: [string, string | null | undefined][] = [
    ['locale_provider', provider],
    ['lc_collate', locale['datcollate']],
    ['lc_ctype', locale['datctype']],
    [provider === 'builtin' ? 'builtin_locale' : 'icu_locale', icuOrBuiltin],
    ['icu_rules', locale['daticurules']],
  ];
  return options.flatMap(([option, value]) => (value ? [`${option} ${pg.escapeLiteral(value)}`] : []));
}
