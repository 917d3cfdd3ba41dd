import { disconnect } from '../postgres/connection.ts';
import { connectToSource } from '../postgres/source.ts';
import { majorVersion } from '../postgres/version.ts';
import { openSource, type SourceChoice } from '../source/open-source.ts';
import type { Environment } from '../system/environment.ts';
import { usePrivateDirectory } from '../system/private-directory.ts';
import { imageFor } from './image-for.ts';
import type { Plan } from './plan.ts';

/** What a live database says of itself. */
export interface Answer {
  description: string;
  major: number;
  owner: string;
  sizeBytes: number;
  /** Extensions that only a superuser may create. */
  extensions: string[];
}

const timeoutMs = 30_000;

/**
 * Asks the live database of a plan what a drill needs to know. It is only read.
 * @param choice where it is, with the password if there is one
 * @throws OperationalError of whoever opens it
 */
export async function examineSource(
  choice: SourceChoice,
  plan: Plan,
  environment: Environment,
  signal: AbortSignal,
): Promise<Answer> {
  await using own = await usePrivateDirectory(environment);
  const profile = { database: plan.database, backups: undefined };
  await using source = await openSource(choice, profile, environment, { directory: own.directory, signal });
  const client = await connectToSource(source.connection, { timeoutMs });
  try {
    const { rows } = await client.query<Pick<Answer, 'owner' | 'extensions'> & { size: string }>(question);
    const [{ owner, extensions, size } = { owner: plan.database.owner, extensions: [], size: '0' }] = rows;
    const { description, serverVersion } = source;
    return { description, major: majorVersion(serverVersion), owner, sizeBytes: Number(size), extensions };
  } finally {
    await disconnect(client);
  }
}

const question = `
  select
    pg_catalog.pg_get_userbyid(datdba)::text as owner,
    pg_catalog.pg_database_size(oid)::text as size,
    array(
      select extension.extname::text
      from pg_catalog.pg_extension as extension
      left join pg_catalog.pg_available_extension_versions as versions
        on versions.name = extension.extname
        and versions.version = extension.extversion
      where extension.extname <> 'plpgsql'
      and versions.trusted is not true
      order by extension.extname
    ) as extensions
  from pg_catalog.pg_database
  where datname = pg_catalog.current_database()`;

/** The plan with what the live database says. The login of a Compose service stays the owner: backups log in as it. Pure. */
export function withAnswer(plan: Plan, { owner, extensions, major }: Answer): Plan {
  const isOwnerFree = plan.source?.kind !== 'compose' && plan.from.owner !== '--owner';
  return {
    ...plan,
    extensions,
    image: plan.image ?? imageFor(major, extensions),
    database: { ...plan.database, owner: isOwnerFree ? owner : plan.database.owner },
  };
}
