import { listProfileKeys, type ProfileKey } from '../../src/config/profile-keys.ts';
import { page, table } from './page.ts';

/** docs/profile.md: every key, from the schema of profiles. Pure. */
export function profilePage(): string {
  const keys = listProfileKeys();
  const top = keys.filter(({ name }) => !/[.[]/.test(name));
  const sections = top.map((key) =>
    section(
      key,
      keys.filter(({ name }) => /^[.[]/.test(name.slice(key.name.length)) && name.startsWith(key.name)),
    ),
  );
  return page(
    'The profile',
    [
      'A profile is a TypeScript or JavaScript file whose default export is a plain object. It needs no import, and may stand anywhere. Without `--config FILE`, `rehearsal.config.ts` is looked for where you stand and in the directories above (also `.mts`, `.js`, `.mjs`, `.cjs`).',
      "```js\nexport default {\n  name: 'my-service',\n  database: { name: 'shop', owner: 'shop' },\n  backups: { directory: 'backups' },\n};\n```",
      'Paths are relative to the profile, or absolute. Times are written `30s`, `60m`, `24h` or `7d`. An unknown key is an error that names the nearest one, with line and column. A key without a default may be left out, unless it is required.',
      '[`rehearsal.config.ts`](../rehearsal.config.ts) uses most of this.',
    ],
    sections,
  );
}

function section(key: ProfileKey, inside: ProfileKey[]): string {
  const facts = inside.length > 0 ? '' : `${factsOf(key)}\n\n`;
  const rows = inside.map((each) => [`\`${each.name}\``, each.text, code(each.type), otherwiseOf(each)]);
  const keys = rows.length === 0 ? '' : `\n\n${table(['key', 'what it is', 'takes', 'default'], rows)}`;
  const required = key.required ? ' Required.' : '';
  return `## ${key.name}\n\n${facts}${key.text}${required}${keys}`;
}

function factsOf(key: ProfileKey): string {
  return `Takes ${code(key.type)}${key.otherwise === null ? '' : `; default: \`${key.otherwise}\``}.`;
}

function otherwiseOf({ otherwise, required }: ProfileKey): string {
  return otherwise === null ? (required ? 'required' : '') : `\`${otherwise}\``;
}

function code(type: string): string {
  return type.includes('"') ? `\`${type}\`` : type;
}
