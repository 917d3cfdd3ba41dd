import * as z from 'zod';

/** A database as the application sees it. */
export interface ApplicationDatabase {
  url: string;
  host: string;
  port: number;
  user: string;
  password: string;
  database: string;
}

type Variables = Record<string, string>;

const withinMs = z.number().int().positive();
const httpPath = z.string().startsWith('/', 'has to start with /');
const httpStatus = z.number().int().min(100).max(599);

const health = z.strictObject({
  path: httpPath.default('/health').describe('Path that is asked for.'),
  status: httpStatus.default(200).describe('Status of an answer that is well.'),
  json: z
    .json()
    .optional()
    .describe('What the answer has to say. It may have further keys; arrays and plain values have to be equal.'),
  withinMs: withinMs.default(30_000).describe('How long to wait for such an answer, in milliseconds.'),
});

const probe = z.strictObject({
  method: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD']).default('GET').describe('Method of the request.'),
  path: httpPath.describe('Path of the request, with its query.'),
  headers: z.record(z.string(), z.string()).default({}).describe('Headers of the request.'),
  body: z.json().optional().describe('Body of the request, sent as JSON.'),
  status: httpStatus.default(200).describe('Status of the answer.'),
  json: z.json().optional().describe('What the answer has to say, as in `health`.'),
  withinMs: withinMs.default(10_000).describe('How long to wait for such an answer, in milliseconds.'),
});

/** `app` of a profile. */
export const app = z
  .strictObject({
    command: z
      .tuple([z.string().min(1)], z.string(), 'has to be a list: the program and its arguments')
      .optional()
      .describe(
        'The application as a program with its arguments. It runs in the directory of the profile, with `PATH`, `PORT`, a private `HOME` and `env`, and nothing else of the environment.',
      ),
    image: z.string().min(1).optional().describe('The application as a container image. Needs the docker engine.'),
    args: z
      .array(z.string())
      .optional()
      .describe(
        'What the container of `image` is started with, in place of the command of the image: `command` in Compose.',
      ),
    url: z
      .url({ protocol: /^https?$/, error: 'has to be a URL that starts with http:// or https://' })
      .optional()
      .describe('Where an application answers that is up already. It has to use the database that is rehearsed.'),
    port: z
      .number()
      .int()
      .min(1)
      .max(65_535)
      .default(8080)
      .describe('Port inside of the container. A `command` is given a free one as `PORT`.'),
    env: z
      .union(
        [
          z.record(z.string(), z.string()),
          z.custom<(database: ApplicationDatabase) => Variables>((value) => typeof value === 'function'),
        ],
        'has to be an object whose values are strings, or a function that returns one',
      )
      .default({})
      .describe(
        'Variables of the application, or a function that returns them: `(db) => ({ DATABASE_URL: db.url })`, with `url`, `host`, `port`, `user`, `password` and `database` as the application sees them.',
      ),
    health: health
      .prefault({})
      .describe(
        'The request that says whether the application is well. It is asked while the database is gone, too: one that still answers “ok” proves nothing.',
      ),
    probes: z
      .array(probe)
      .default([])
      .describe('Further requests that have to be answered as before, after the restore.'),
  })
  .refine(
    ({ command, image, url }) => [command, image, url].filter((way) => way !== undefined).length === 1,
    'needs exactly one of "command", "image" and "url"',
  );
