import type { Finding } from '../../../evidence/schema.ts';
import { withClient } from '../../../postgres/connection.ts';
import { count } from '../../../terminal/count.ts';
import { snapshotOf } from '../../expected.ts';
import type { RestoredDatabase } from '../../restore-site.ts';
import type { StepBody } from '../../step.ts';
import { findInPlaceBlockers } from '../../upgrade/in-place.ts';
import { upgradeOf, type Upgrade } from '../../upgrade/upgrade.ts';
import type { ExaminedBackup } from '../examine.ts';

/** Nothing speaks against the upgrade by dump and restore. Says what does against the other way, pg_upgrade, and what will be otherwise. */
export const judgeUpgrade: StepBody<{ restored: RestoredDatabase; backup: ExaminedBackup }> = async (
  _drill,
  { restored, backup },
) => {
  const upgrade = upgradeOf(restored.served);
  const { inPlace, publicCreates, extensions } = await withClient(restored.asAdmin, async (client) => ({
    inPlace: await findInPlaceBlockers(client, upgrade),
    publicCreates: (await client.query<{ yes: boolean }>(publicMayCreate)).rows[0]?.yes === true,
    extensions: (await client.query<{ name: string; version: string }>(versionsOfExtensions)).rows,
  }));
  const source = snapshotOf(backup.expected);
  const before = source?.state.EXTENSION ?? {};
  const versions = extensions.map(({ name, version }) => {
    const [old] = before[name]?.split(' in ') ?? [];
    return old === undefined || old === version ? `${name} ${version}` : `${name} ${old} → ${version}`;
  });
  const closed = upgrade.from < 15 && !publicCreates;
  const findings: Finding[] = [
    ...inPlace.map(({ object, why }): Finding => ({
      rule: 'UPGRADE_IN_PLACE_REFUSED',
      severity: 'warning',
      object,
      message: `pg_upgrade would refuse the database: ${why}. A dump and a restore, as rehearsed here, take it.`,
      remedy: 'Upgrade by dump and restore, or change the type of the column before pg_upgrade.',
    })),
    ...(closed ? [publicClosed(upgrade)] : []),
  ];
  return {
    summary: `ready for PostgreSQL ${upgrade.to} by dump and restore${inPlace.length > 0 ? `; not by pg_upgrade: ${inPlace.map(({ object }) => object).join(', ')}` : ''}`,
    facts: { extensions: versions.join(', ') || 'none' },
    checks: [
      {
        id: 'upgrade-ready',
        status: 'passed',
        reason: null,
        expected: `the database of PostgreSQL ${upgrade.from} in ${upgrade.to}, the same`,
        actual: `ready; ${count(versions.length, 'extension')}`,
      },
    ],
    findings,
    coverage: {
      checked: [
        `an upgrade from PostgreSQL ${upgrade.from} to ${upgrade.to} by dump and restore, with the tools of ${upgrade.to}`,
      ],
      notChecked: [
        {
          what: 'pg_upgrade, the way in place',
          why: 'it takes the data directory of production; of its own blockers, only types of columns are looked for',
        },
        {
          what: 'plans and speed of queries',
          why: 'a new major plans otherwise: run ANALYZE after the restore, and measure',
        },
        { what: 'postgresql.conf and pg_hba.conf', why: 'no backup of a database holds them' },
      ],
    },
  };
};

function publicClosed({ from, to }: Upgrade): Finding {
  return {
    rule: 'UPGRADE_PUBLIC_SCHEMA_CLOSED',
    severity: 'warning',
    object: 'public',
    message: `In PostgreSQL ${from} every role may create tables in the schema public, unless that was revoked; in ${to} only the owner of the database may. A dump does not hold the old default.`,
    remedy:
      'Where other roles create tables there (migrations, temporary work), grant it after the upgrade: grant create on schema public to ROLE.',
  };
}

const publicMayCreate = `
  select exists (
    select from pg_catalog.pg_namespace as namespace, pg_catalog.aclexplode(namespace.nspacl) as granted
    where namespace.nspname = 'public' and granted.grantee = 0 and granted.privilege_type = 'CREATE'
  ) as yes`;

const versionsOfExtensions = `
  select extname::pg_catalog.text as name, extversion as version from pg_catalog.pg_extension order by extname`;
