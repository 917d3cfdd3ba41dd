/**
 * Privileges as PostgreSQL prints them, sorted. Context: who was granted something first stands first, which means nothing and is
 * another order after a revoke and a grant; still caught: every grant, grantor and grant option. Pure.
 */
export function sortAcl(text: string): string {
  return text.replace(/\{(.*)\}$/s, (_, items: string) => {
    const sorted = (items.match(/"(?:[^"\\]|\\.)*"|[^,"]+/gs) ?? []).toSorted();
    return `{${sorted.join(',')}}`;
  });
}
