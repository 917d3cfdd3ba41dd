/**
 * An application that behaves as it is told: `node stand-in.mjs BEHAVIOUR`, with PORT and DATABASE_URL. Its health check
 * and its probe read the database, unless that is what is wrong with it.
 */
import { createServer } from 'node:http';
import pg from 'pg';

const [behaviour] = process.argv.slice(2);
const { PORT: port, DATABASE_URL: connectionString } = process.env;

if (behaviour === 'exits') {
  console.log('the stand-in ends at once, as it was told');
  process.exit(3);
}

const pool = new pg.Pool({ connectionString, max: 2 });
pool.on('error', () => undefined);

const count = async () => {
  const { rows } = await pool.query('select count(*)::int as children from rehearsal_specimens.children');
  return rows[0];
};

/** @type {Record<string, (response: import('node:http').ServerResponse) => void>} */
const misbehaviours = {
  'answers 500': (response) => response.writeHead(500).end('{"status":"error"}'),
  'says something else': (response) => response.writeHead(200).end('{"status":"degraded"}'),
  'never finishes': (response) => response.writeHead(200).write('{"status":'),
  'is not ready': (response) => response.writeHead(503).end('{"status":"starting"}'),
  'does not look': (response) => response.writeHead(200).end('{"status":"ok"}'),
};

const server = createServer(async ({ url }, response) => {
  try {
    if (url === '/up') return void response.writeHead(200).end('{"up":true}');
    if (url === '/health') {
      const misbehave = misbehaviours[behaviour];
      if (misbehave !== undefined) return void misbehave(response);
      await count();
      return void response.writeHead(200).end('{"status":"ok"}');
    }
    if (behaviour === 'forgot its rows') return void response.writeHead(200).end('{"children":0}');
    if (behaviour === 'does not look') return void response.writeHead(200).end('{"children":200}');
    response.writeHead(200).end(JSON.stringify(await count()));
  } catch {
    response.writeHead(503).end('{"status":"unavailable"}');
  }
});

// Without a listener it still runs: up, as far as its supervisor can see.
if (behaviour === 'never listens') setInterval(() => undefined, 60_000);
else server.listen(Number(port), '127.0.0.1');
