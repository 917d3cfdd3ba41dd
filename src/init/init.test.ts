import { spawnSync } from 'node:child_process';
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeWorkspace } from '../../fixtures/testing/workspace.ts';
import { loadProfile } from '../config/load-profile.ts';
import type { Choices } from './choices.ts';
import { decide, type Decision } from './decide.ts';
import { wantedFiles } from './files.ts';
import { look } from './look/look.ts';
import { openProject } from './look/open-project.ts';
import type { Plan } from './plan.ts';
import { compareFiles, writeFiles } from './write.ts';

const nothing: Choices = {
  url: null,
  image: null,
  composeService: null,
  composeProject: null,
  composeFile: null,
  backups: null,
  name: null,
  database: null,
  owner: null,
  health: null,
  ci: 'none',
};

/** What a project of these files decides, with every other question answered by nobody. */
async function decideOn(files: Record<string, string>, choices: Partial<Choices> = {}): Promise<Decision> {
  const directory = await makeWorkspace(files);
  const facts = await look(openProject(directory), { backups: null, composeFile: null });
  return decide(facts, { ...nothing, ...choices }, { directory, ci: null });
}

async function planOf(files: Record<string, string>, choices: Partial<Choices> = {}): Promise<Plan> {
  const decision = await decideOn(files, choices);
  if (decision.state !== 'decided') throw new Error(JSON.stringify(decision));
  return decision.plan;
}

const compose = `
x-login: &login
  POSTGRES_USER: \${DB_USER:-hc}
services:
  postgres:
    image: postgres:16-alpine
    environment:
      <<: *login
      POSTGRES_DB: "\${DB_NAME}"
      POSTGRES_PASSWORD: \${DB_PASSWORD:-canary-password}
  migrate:
    build: .
    depends_on: [postgres]
  exporter:
    image: prometheuscommunity/postgres-exporter
    ports: ['9187:9187']
  bot-api:
    build: .
    command: node "/srv/my app.js" --port 8080
    environment:
      - DATABASE_URL=postgresql+psycopg2://hc:\${DB_PASSWORD:-canary-password}@postgres:5432/hc
      - POSTGRES_PASSWORD=\${DB_PASSWORD:-canary-password}
      - BOT_TOKEN=canary-token
      - LOG_LEVEL=info
    ports: ['127.0.0.1:8080:80']
    healthcheck:
      test: curl -f http://localhost:80/health || exit 1
    depends_on:
      postgres: { condition: service_healthy }
`;

test('a Compose project with variables, an anchor and an override says database, application and image', async () => {
  const plan = await planOf({
    'compose.yaml': compose,
    'compose.override.yaml': 'services: { postgres: { image: "postgis/postgis:16-3.4" } }\n',
    '.env': 'DB_NAME=hc_live\n',
  });
  expect(plan).toMatchObject({
    database: { name: 'hc_live', owner: 'hc' },
    image: 'postgis/postgis:16-3.4',
    source: { kind: 'compose', service: 'postgres' },
    from: { database: 'compose.yaml:5 (service postgres)', application: 'compose.yaml:17 (service bot-api)' },
    application: {
      name: 'bot-api',
      port: 80,
      healthPath: '/health',
      start: { args: ['node', '/srv/my app.js', '--port', '8080'] },
    },
  });
});

test('no secret of any file stands in what is written, and the profile is one', async () => {
  const files = { 'compose.yaml': compose, '.env': 'DB_NAME=hc\n' };
  const { files: wanted } = wantedFiles(await planOf(files, { ci: 'github' }), 'rehearsal.config.ts', '', '1');
  for (const { content } of wanted) expect(content).not.toContain('canary');
  const directory = await makeWorkspace({ 'rehearsal.config.ts': wanted[0]?.content ?? '' });
  const { profile } = await loadProfile(join(directory, 'rehearsal.config.ts'));
  const db = { url: 'postgres://a:b@c:1/d', host: 'c', port: 1, user: 'a', password: 'b', database: 'd' };
  const env = typeof profile.app?.env === 'function' ? profile.app.env(db) : {};
  expect(env).toEqual({
    DATABASE_URL: 'postgresql+psycopg2://a:b@c:1/d',
    POSTGRES_PASSWORD: 'b',
    BOT_TOKEN: 'not-in-a-drill',
    LOG_LEVEL: 'info',
  });
});

test.for([
  ['.env', { '.env': 'DATABASE_URL="postgresql://me:pw@h:5432/shop?schema=public"' }, 'shop', 'me', 'variable'],
  ['.env, expanded', { '.env': 'N=shop\nU=me\nDATABASE_URL=postgres://${U}:x@h/${N}' }, 'shop', 'me', 'variable'],
  [
    'Laravel',
    { '.env': 'DB_CONNECTION=pgsql\nDB_HOST=h\nDB_DATABASE=shop\nDB_USERNAME=me\nDB_PASSWORD=canary\n' },
    'shop',
    'me',
    undefined,
  ],
  [
    'an included Compose file',
    {
      'compose.yaml': 'include: [{ path: db/db.yaml }, compose.yaml]\nservices: { web: { build: . } }\n',
      'db/db.yaml': 'services: { db: { image: postgres, environment: { POSTGRES_DB: shop, POSTGRES_USER: me } } }\n',
    },
    'shop',
    'me',
    'compose',
  ],
  [
    'an extended Compose service',
    {
      'compose.yaml':
        'services:\n  db: { extends: { file: base.yaml, service: pg }, environment: { POSTGRES_DB: shop } }\n',
      'base.yaml':
        'services:\n  pg: { extends: pg, image: postgres, environment: [POSTGRES_USER=me, POSTGRES_DB=no] }\n',
    },
    'shop',
    'me',
    'compose',
  ],
  ['an example', { '.env.example': '# x\nDATABASE_URL=postgres://me:pw@h/shop' }, 'shop', 'me', undefined],
  [
    'Prisma',
    {
      'prisma/schema.prisma':
        'datasource db {\n provider = "postgresql"\n url = env("POOL")\n directUrl = env("DIRECT")\n}',
      '.env': 'POOL=postgres://p:x@pool:6432/pool\nDIRECT=postgres://me:x@h/shop',
    },
    'shop',
    'me',
    'variable',
  ],
  [
    'Drizzle',
    {
      'drizzle.config.ts': 'export default { dialect: "postgresql", dbCredentials: { url: process.env.MY_DB! } }',
      '.env': 'MY_DB=postgres://me@h/shop',
    },
    'shop',
    'me',
    'variable',
  ],
  [
    'Rails',
    {
      'config/database.yml':
        'default: &d\n  adapter: postgresql\n  password: <%= ENV["X"] %>\nproduction:\n  <<: *d\n  database: shop\n  username: me\n',
    },
    'shop',
    'me',
    undefined,
  ],
  [
    'Django',
    {
      'manage.py': '',
      'site/settings.py':
        "import os\nDATABASES = {\n  'default': {\n    'ENGINE': 'django.db.backends.postgresql',\n    'NAME': os.environ.get('DB', 'shop'),\n    'USER': 'me',\n  }\n}\n",
    },
    'shop',
    'me',
    undefined,
  ],
  [
    'Alembic',
    { 'alembic.ini': '[alembic]\nsqlalchemy.url = postgresql+asyncpg://me:p%%40@h/shop\n' },
    'shop',
    'me',
    undefined,
  ],
] as const)('%s names the database', async ([, files, name, owner, kind]) => {
  const plan = await planOf(files);
  expect(plan.database).toEqual({ name, owner });
  expect(plan.source?.kind).toBe(kind);
});

test('what contradicts is named with where it stands, and several servers are asked about', async () => {
  const decision = await decideOn({
    'compose.yaml': compose,
    '.env': 'DB_NAME=hc\nDATABASE_URL=postgres://me:canary@far/store',
  });
  expect(decision).toMatchObject({ plan: { database: { name: 'hc' } } });
  expect(JSON.stringify(decision)).toContain('.env:2 (DATABASE_URL) names the database store');
  const two = await decideOn({
    'compose.yaml': 'services:\n  a: { image: postgres }\n  b: { image: "pgvector/pgvector:pg17" }\n',
  });
  expect(two).toMatchObject({ state: 'asks', question: { key: 'composeService', usual: null } });
});

test.for([
  ['nothing', {}],
  ['no YAML', { 'compose.yaml': 'services: [' }],
  ['YAML without services', { 'compose.yaml': '- a\n- b\n' }],
  [
    'an alias that multiplies',
    { 'compose.yaml': `a: &a [x]\n${Array.from({ length: 200 }, (_, n) => `b${n}: [*a, *a]\n`).join('')}services: {}` },
  ],
  [
    'another kind of database',
    { '.env': 'DATABASE_URL=mysql://a:b@c/d', 'compose.yaml': 'services: { db: { image: mysql } }' },
  ],
  [
    'tools for PostgreSQL alone',
    {
      'compose.yaml':
        'services: { a: { image: dpage/pgadmin4 }, b: { image: "prodrigestivill/postgres-backup-local:16", environment: { POSTGRES_DB: x, POSTGRES_PASSWORD: y, POSTGRES_HOST: db } } }',
    },
  ],
] as const)('%s names no database', async ([, files]) => {
  expect(await decideOn(files as Record<string, string>)).toEqual({ state: 'nothing' });
});

const hostile = [
  "it's",
  'a"b',
  '$(touch x)',
  '`x`',
  '-rf',
  "'; process.exit(7); '",
  '\u001b[31mred',
  'two\nlines',
  '*/ evil /*',
  '${x}',
  'ü'.repeat(31),
  '__proto__',
  '\u2028',
];

test.for(hostile)('the name %j comes back as it is, in all that is written', async (name) => {
  const plan = await planOf({}, { database: name, owner: name, backups: `/tmp/${name}` });
  const full: Plan = {
    ...plan,
    ci: 'github',
    source: { kind: 'compose', service: name, project: name },
    application: {
      from: name,
      name,
      start: { image: name, args: [name] },
      port: 1,
      healthPath: `/${name}`,
      env: { [name]: { kind: 'text', text: name } },
    },
  };
  const { files } = wantedFiles(full, 'rehearsal.config.ts', '', '1');
  const [profile, rehearsal] = files.map(({ content }) => content);
  const directory = await makeWorkspace({ 'rehearsal.config.ts': profile ?? '', 'r.ts': rehearsal ?? '' });
  const loaded = await loadProfile(join(directory, 'rehearsal.config.ts'));
  const { env } = loaded.profile.app ?? {};
  expect(loaded.profile).toMatchObject({
    database: { name, owner: name },
    backups: { composeService: name },
    app: { image: name, args: [name] },
  });
  expect(typeof env === 'function' ? Object.entries(env({} as never)) : []).toEqual([[name, name]]);
  expect(profile).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029]/);
  expect(files.map(({ file }) => file)).toContain('.github/workflows/restore-drill.yml');
});

test('an address in .env is read from there by the profile, wherever it is loaded from', async () => {
  const files = { '.env': 'DATABASE_URL=postgis://me:canary@h/shop\n' };
  const { files: wanted } = wantedFiles(await planOf(files), 'rehearsal.config.ts', '', '1');
  const content = wanted[0]?.content ?? '';
  expect(content).not.toContain('canary');
  const directory = await makeWorkspace({ ...files, 'rehearsal.config.mjs': content });
  const script = `import(${JSON.stringify(join(directory, 'rehearsal.config.mjs'))}).then((m) => console.log(m.default.database.url))`;
  const { stdout } = spawnSync(process.execPath, ['-e', script], {
    cwd: '/',
    encoding: 'utf8',
    env: { PATH: process.env['PATH'] },
  });
  expect(stdout.trim()).toBe('postgresql://me:canary@h/shop');
});

test('a file that is there is compared, and never overwritten unless it is asked for; a second time nothing differs', async () => {
  const directory = await makeWorkspace({ '.gitignore': 'node_modules' });
  const { files } = wantedFiles(
    await planOf({}, { database: 'shop', owner: 'me' }),
    'rehearsal.config.ts',
    'node_modules',
    '1',
  );
  const first = await compareFiles(directory, files);
  expect(first.map(({ state }) => state)).toEqual(['new', 'new', 'extended']);
  await writeFiles(directory, files, first);
  expect(await readFile(join(directory, '.gitignore'), 'utf8')).toMatch(
    /^node_modules\n[^]*\n\/reports\/\n\/backups\/\n$/,
  );
  const ignored = await readFile(join(directory, '.gitignore'), 'utf8');
  const again = wantedFiles(await planOf({}, { database: 'shop', owner: 'me' }), 'rehearsal.config.ts', ignored, '1');
  expect((await compareFiles(directory, again.files)).map(({ state }) => state)).toEqual(['same', 'same', 'same']);
  await writeFile(join(directory, 'rehearsal.config.ts'), 'mine');
  const [changed] = await compareFiles(directory, again.files);
  expect(changed).toMatchObject({ state: 'differs', diff: expect.stringContaining('-mine') as string });
  // Between the look and the writing, somebody else makes it.
  await expect(writeFiles(directory, files, [{ file: 'rehearsal.config.ts', state: 'new', diff: '' }])).rejects.toThrow(
    'EEXIST',
  );
  expect(await readFile(join(directory, 'rehearsal.config.ts'), 'utf8')).toBe('mine');
});

test('pipes, devices, directories and links to nothing are no files of settings', async () => {
  const directory = await makeWorkspace();
  spawnSync('mkfifo', [join(directory, 'compose.yaml')]);
  await symlink('/dev/zero', join(directory, '.env'));
  await mkdir(join(directory, 'alembic.ini'));
  await symlink('nowhere', join(directory, 'package.json'));
  const facts = await look(openProject(directory), { backups: null, composeFile: null });
  expect(facts).toEqual({ databases: [], applications: [], dumps: [], told: {}, notes: [] });
});

test('a start command without a known health path is written, and commented out', async () => {
  const files = { 'package.json': '{"scripts": {"start": "node server.js"}}', '.env': 'DATABASE_URL=postgres://a@b/c' };
  expect(await decideOn(files)).toMatchObject({ state: 'asks', question: { key: 'health', usual: '' } });
  const [profile] = wantedFiles(await planOf(files, { health: '' }), 'p.ts', '', '1').files;
  expect(profile?.content).toMatch(/\n {2}\/\/ {3}command: \['node', 'server.js'\]/);
  const [ready] = wantedFiles(await planOf(files, { health: '/up' }), 'p.ts', '', '1').files;
  expect(ready?.content).toMatch(/\n {4}command: \['node', 'server.js'\]/);
});
