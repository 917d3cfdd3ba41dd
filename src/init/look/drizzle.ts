import type { Found, Project } from '../facts.ts';
import { databaseOfUrl } from './env-files.ts';
import { isLiteral, readVariables } from './variables.ts';

const configs = ['drizzle.config.ts', 'drizzle.config.js', 'drizzle.config.mjs', 'drizzle.config.json'];

/** The credentials of Drizzle, where they are literal or a variable of .env. It is read as text: it is a program. */
export async function lookAtDrizzle(project: Project): Promise<Found> {
  for (const file of configs) {
    const text = await project.readText(file);
    if (text === null || !/dialect["']?\s*:\s*["']postgresql["']|driver["']?\s*:\s*["']pg["']/.test(text)) continue;
    const found =
      /(?:url|connectionString)["']?\s*:\s*(?:process\.env(?:\.(\w+)|\[["'](\w+)["']\])|["'`]([^"'`$]+)["'`])/.exec(
        text,
      );
    const database = /\bdatabase["']?\s*:\s*["']([^"']+)["']/.exec(text);
    const user = /\buser["']?\s*:\s*["']([^"']+)["']/.exec(text);
    const at = (index: number) => `${file}:${text.slice(0, index).split('\n').length}`;
    const variable = found?.[1] ?? found?.[2];
    if (found !== null && variable !== undefined) {
      for (const dotenv of ['.env', '.env.local']) {
        const written = (await project.readText(dotenv)) ?? '';
        const value = readVariables(written)[variable];
        if (value !== undefined)
          return {
            databases: [
              databaseOfUrl(value, `${at(found.index)} (${variable})`, {
                variable,
                file: isLiteral(written, variable, value) ? dotenv : null,
              }),
            ],
          };
      }
      return {
        notes: [`${at(found.index)} takes the address from the variable ${variable}, which no file here sets.`],
      };
    }
    if (found?.[3] !== undefined) {
      return { databases: [databaseOfUrl(found[3], at(found.index), { variable: '', file: null, isExample: true })] };
    }
    if (database?.[1] !== undefined) {
      return {
        databases: [
          { from: at(database.index), name: database[1], owner: user?.[1] ?? null, image: null, source: null },
        ],
      };
    }
  }
  return {};
}
