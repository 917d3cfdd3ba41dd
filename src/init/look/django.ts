import type { Found, Project } from '../facts.ts';

/**
 * Django's DATABASES, where its values are literal. It is read as text: it is a program, and what it takes from variables is said.
 * @param files paths of settings modules
 */
export async function lookAtDjango(project: Project, files: string[]): Promise<Found> {
  for (const file of files) {
    const text = await project.readText(file);
    const block = /^DATABASES\s*=\s*\{[^]*?^\}/m.exec(text ?? '');
    if (text === null || block === null || !/postgresql|postgis|psycopg/.test(block[0])) continue;
    const at = `${file}:${text.slice(0, block.index).split('\n').length} (DATABASES)`;
    const name = setting(block[0], 'NAME');
    const owner = setting(block[0], 'USER');
    const variables = [name, owner].flatMap(({ variable }) => (variable === null ? [] : [variable]));
    const notes =
      variables.length === 0 ? [] : [`${at} takes values from ${variables.join(' and ')}; defaults in it were taken.`];
    return { databases: [{ from: at, name: name.text, owner: owner.text, image: null, source: null }], notes };
  }
  return {};
}

/** `'NAME': 'shop'`, or with a default: `'NAME': os.environ.get('DB_NAME', 'shop')`, `env('DB_NAME', default='shop')`. */
function setting(block: string, key: string): { text: string | null; variable: string | null } {
  const [, written = ''] = new RegExp(`["']${key}["']\\s*:\\s*([^\\n]*)`).exec(block) ?? [];
  const literal = /^(["'])([^"']*)\1/.exec(written)?.[2];
  if (literal !== undefined) return { text: literal || null, variable: null };
  const [, variable = null, , fallback = null] =
    /\(\s*["'](\w+)["']\s*(?:,\s*(?:default\s*=\s*)?(["'])([^"']*)\2)?/.exec(written) ?? [];
  return { text: fallback === '' ? null : (fallback ?? null), variable };
}
