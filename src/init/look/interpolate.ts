export type Variables = Readonly<Record<string, string>>;

/**
 * Puts variables into a text as Compose does: `$NAME`, `${NAME}`, `${NAME:-default}`, `${NAME-default}`, `${NAME:?error}`,
 * `${NAME:+other}`, and `$$` for a dollar. Pure.
 * @returns null where a variable is set nowhere and has no default
 */
export function interpolate(text: string, variables: Variables): string | null {
  const unknown: string[] = [];
  const result = text.replace(reference, (whole, bare?: string, inner?: string) => {
    if (whole === '$$') return '$';
    const value = bare === undefined ? expand(inner ?? '', variables) : (own(variables, bare) ?? null);
    if (value === null) unknown.push(whole);
    return value ?? '';
  });
  return unknown.length === 0 ? result : null;
}

/** With one level of braces inside: `${A:-${B:-c}}`. */
const reference = /\$\$|\$([A-Za-z_]\w*)|\$\{((?:[^{}]|\{[^{}]*\})*)\}/g;

function expand(inner: string, variables: Variables): string | null {
  const [, name = '', operator = '', rest = ''] = /^([A-Za-z_]\w*)(:?[-?+]|$)(.*)$/s.exec(inner) ?? [];
  const value = own(variables, name) ?? null;
  const isSet = value !== null && (!operator.startsWith(':') || value !== '');
  if (operator.endsWith('-')) return isSet ? value : interpolate(rest, variables);
  if (operator.endsWith('+')) return isSet ? interpolate(rest, variables) : '';
  return isSet ? value : null;
}

function own(variables: Variables, name: string): string | undefined {
  return Object.hasOwn(variables, name) ? variables[name] : undefined;
}
