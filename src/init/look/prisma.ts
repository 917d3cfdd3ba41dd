import type { Found, Project } from '../facts.ts';
import { databaseOfUrl } from './env-files.ts';
import { isLiteral, readVariables } from './variables.ts';

const schemas = ['prisma/schema.prisma', 'schema.prisma', 'prisma/schema/schema.prisma'];

/** The datasource of Prisma: a variable of .env, or an address. */
export async function lookAtPrisma(project: Project): Promise<Found> {
  for (const file of schemas) {
    const text = await project.readText(file);
    const block = /datasource\s+\w+\s*\{[^}]*\}/.exec(text ?? '');
    if (text === null || block === null || !/provider\s*=\s*"postgres(?:ql)?"/.test(block[0])) continue;
    const address = /\b(?:directUrl|url)\s*=\s*(?:env\("(\w+)"\)|"([^"]*)")/g;
    // The direct one first: the other may be that of a pooler.
    const found = [...block[0].matchAll(address)].toSorted(
      ([a], [b]) => Number(b.startsWith('direct')) - Number(a.startsWith('direct')),
    )[0];
    const line = text.slice(0, block.index + (found?.index ?? 0)).split('\n').length;
    const variable = found?.[1];
    const from = `${file}:${line}${variable === undefined ? '' : ` (${variable})`}`;
    if (found === undefined)
      return { notes: [`${file} is of PostgreSQL, and says no address: it is in prisma.config.ts.`] };
    if (variable === undefined)
      return { databases: [{ ...databaseOfUrl(found[2] ?? '', from, { variable: '', file: null, isExample: true }) }] };
    for (const dotenv of ['.env', 'prisma/.env', '.env.local']) {
      const written = (await project.readText(dotenv)) ?? '';
      const value = readVariables(written)[variable];
      if (value !== undefined)
        return {
          databases: [
            databaseOfUrl(value, from, { variable, file: isLiteral(written, variable, value) ? dotenv : null }),
          ],
        };
    }
    return { notes: [`${from} takes the address from the variable ${variable}, which no file here sets.`] };
  }
  return {};
}
