import { join } from 'node:path';
import type { Project } from '../facts.ts';
import { interpolate, type Variables } from './interpolate.ts';
import type { Written } from './parse-compose.ts';
import { readVariables } from './variables.ts';

type Environment = Record<string, string | null>;

/** The variables of a service, null where a value is not known here: those of its files, and its own over them. */
export async function readServiceEnvironment(
  project: Project,
  folder: string,
  written: Written,
  variables: Variables,
): Promise<Environment> {
  const files = [written.env_file ?? []].flat().map((file) => (typeof file === 'string' ? file : file.path));
  const env: Environment = {};
  for (const file of files) {
    const text = await project.readText(join(folder, interpolate(file, variables) ?? file));
    if (text !== null) Object.assign(env, readVariables(text));
  }
  return { ...env, ...ownEnvironment(written.environment ?? {}, variables) };
}

function ownEnvironment(given: NonNullable<Written['environment']>, variables: Variables): Environment {
  const pairs = Array.isArray(given)
    ? given.map((line): [string, string | null] => {
        const end = line.indexOf('=');
        return end === -1 ? [line, null] : [line.slice(0, end), line.slice(end + 1)];
      })
    : Object.entries(given).map(([name, value]): [string, string | null] => [
        name,
        value === null ? null : String(value),
      ]);
  // A name alone is passed on from the shell, or from .env.
  return Object.fromEntries(
    pairs.map(([name, value]) => [name, value === null ? (variables[name] ?? null) : interpolate(value, variables)]),
  );
}
