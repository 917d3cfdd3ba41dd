import type { ProfileInput } from './src/config/profile.ts';

export default {
  name: 'haircuttgbot',
  database: { name: 'haircuttgbot', owner: 'haircuttgbot' },
  postgres: { engine: 'auto', image: 'postgres:16-alpine' },
  seed: ['fixtures/haircuttgbot/schema.sql', 'fixtures/haircuttgbot/baseline.sql'],
  tables: ['users', 'masters', 'bookings', 'availability_blocks'],
  app: {
    command: ['node', 'fixtures/haircuttgbot/bot-api.mjs'],
    port: 8080,
    env: (db) => ({ DATABASE_URL: db.url }),
    health: { path: '/health', status: 200, json: { status: 'ok', service: 'bot-api' }, withinMs: 30_000 },
    probes: [
      {
        method: 'POST',
        path: '/internal/auth/resolve-role',
        body: { telegram_user_id: 1_000_001 },
        status: 200,
        json: { role: 'Master' },
      },
    ],
  },
  writes: [
    "insert into audit_events (event_type, entity_type, payload) values ('live', 'rehearsal', jsonb_build_object('at', clock_timestamp()))",
    'update masters set is_active = not is_active where id = 1',
    "delete from audit_events where id = (select min(id) from audit_events where event_type = 'live')",
  ],
  objectives: { rto: '60m', rpo: '24h' },
  ownership: 'runbook',
  backups: { directory: 'backups/local', keepDaily: 7, pruneAfter: '7d', offsite: 'remote:bucket/path' },
  evidence: { directory: 'reports', frequency: '24h' },
} satisfies ProfileInput;
