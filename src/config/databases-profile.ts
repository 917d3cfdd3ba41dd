import * as z from 'zod';
import { postgresUrl } from './profile-values.ts';

const text = z.string().min(1);

/** One database of a fleet, as a profile or an inventory names it: any key of the profile, over that of the profile itself. */
const entry = z.record(z.string(), z.unknown());

const byFunction = z.custom<() => unknown>(
  (value) => typeof value === 'function',
  'has to be a list, a function or an object',
);

/** Where a list of databases is read, for profiles that do not hold it themselves. */
const inventory = z
  .strictObject({
    file: text.optional().describe('A JSON or YAML file with the list.'),
    command: z
      .array(text)
      .min(1)
      .optional()
      .describe('A program with its arguments that prints the list as JSON or YAML.'),
    server: postgresUrl
      .optional()
      .describe('A server: each of its databases is one, with the owner and the size that it has there.'),
    query: text
      .optional()
      .describe(
        'With `server`: what to ask in place of its catalogue. A column `name` is needed; `owner`, `size_bytes` and `url` are taken, too.',
      ),
    compose: text.optional().describe('A Compose file: each service that runs PostgreSQL is one.'),
    directory: text.optional().describe('A directory of backups: each database that a file in it names is one.'),
    except: z
      .array(text)
      .default([])
      .describe('Databases that are left out, by name; `*` stands for any letters. The plan names each of them.'),
  })
  .refine(
    ({ file, command, server, compose, directory }) =>
      [file, command, server, compose, directory].filter((kind) => kind !== undefined).length === 1,
    'takes one of file, command, server, compose and directory',
  )
  .refine(({ query, server }) => query === undefined || server !== undefined, 'takes query with server alone');

/** `databases` of a profile. */
export const databases = z
  .union([z.array(entry), byFunction, inventory])
  .optional()
  .describe(
    'Several databases in place of one: a list, a function that returns it, or where it is read. Each has a `name`, and any key of the profile, which counts for it alone. See [fleet.md](fleet.md).',
  );

export type Inventory = z.output<typeof inventory>;
