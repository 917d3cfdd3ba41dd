import type { ApplicationFact, ApplicationValue } from '../facts.ts';
import type { ComposeProject, ComposeService } from './compose-services.ts';
import { parseDatabaseUrl } from './parse-url.ts';

/**
 * The service that serves people with a database: it has a port, and depends on the database's service or names it in its
 * variables. Jobs that migrate or seed have no port. Pure.
 */
export function findApplications(
  project: ComposeProject,
  database: ComposeService,
  folderName: string,
): ApplicationFact[] {
  const isUser = (service: ComposeService) =>
    service !== database &&
    (service.dependsOn.includes(database.name) ||
      Object.values(service.env).some((value) => namesHost(value, database.name)));
  return project.services
    .filter((service) => isUser(service) && (service.isBuilt || service.image !== null))
    .map((service) => applicationOf(service, database, project.name ?? folderName))
    .filter(({ port }) => port !== null);
}

function namesHost(value: string | null, host: string): boolean {
  return value !== null && (value === host || parseDatabaseUrl(value)?.host === host);
}

function applicationOf(service: ComposeService, database: ComposeService, project: string): ApplicationFact {
  const check = /https?:\/\/(?:localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1\])(?::(\d+))?(\/[^\s'"\\)|;&]*)?/.exec(
    service.healthcheck,
  );
  const port = Number(check?.[1] ?? containerPort(service.ports[0] ?? '') ?? Number.NaN);
  return {
    from: `${service.from} (service ${service.name})`,
    name: service.name,
    start: { image: service.image ?? `${project}-${service.name}`, args: service.command },
    port: Number.isInteger(port) && port > 0 && port < 65_536 ? port : null,
    env: Object.fromEntries(Object.entries(service.env).map(([key, value]) => [key, inDrill(key, value, database)])),
    healthPath: check === null ? null : (check[2] ?? '/'),
  };
}

/** `127.0.0.1:8080:80/tcp` is port 80 of the container. */
function containerPort(port: string): string | null {
  return /(?:^|:)(\d+)(?:-\d+)?(?:\/\w+)?$/.exec(port)?.[1] ?? null;
}

const parts = [
  ['host', /HOST(?:NAME)?$|SERVER$/],
  ['port', /PORT$/],
  ['user', /USER(?:NAME)?$/],
  ['password', /PASS(?:WORD)?$/],
  ['database', /(?:DATABASE|DB|DBNAME|NAME)$/],
] as const;

/** What a variable of the application is in a drill. Its own credentials have no place there. Pure. */
export function inDrill(
  key: string,
  value: string | null,
  { name: host, env: server }: Pick<ComposeService, 'name' | 'env'>,
): ApplicationValue {
  const parsed = value === null ? null : parseDatabaseUrl(value);
  if (parsed !== null) return { kind: 'url', scheme: parsed.scheme };
  const isOfDatabase = value === host || /^(?:PG|POSTGRES|DB_|DATABASE_)|_(?:DB|DATABASE|POSTGRES)_/.test(key);
  const part = isOfDatabase ? parts.find(([, pattern]) => pattern.test(key))?.[0] : undefined;
  if (part !== undefined) return { kind: 'part', part };
  const isServers = ['POSTGRES_PASSWORD', 'POSTGRESQL_PASSWORD'].some(
    (name) => (server[name] ?? '') !== '' && server[name] === value,
  );
  const isSecret =
    isServers ||
    value === null ||
    /PASS|SECRET|TOKEN|KEY|AUTH|CREDENTIAL|DSN|PRIVATE|SIGN|SALT|HASH|CERT|COOKIE|WEBHOOK|URL$|URI$/i.test(key);
  return isSecret || /:\/\/[^/]*@/.test(value) ? { kind: 'secret' } : { kind: 'text', text: value };
}
