import { basename } from 'node:path';
import { databaseOfFile } from '../backup/database-of-file.ts';
import type { DumpOutline } from '../backup/format/dump-outline.ts';
import { assumeProfile, type KnownOfDatabase } from '../config/assumed-profile.ts';
import type { Contribution } from '../evidence/contribution.ts';
import type { Finding } from '../evidence/schema.ts';
import type { Backup } from '../restore/read-backup.ts';
import { count } from '../terminal/count.ts';
import type { Drill } from './drill.ts';

/** What a backup says is the profile of a drill that has none. Of one that has, nothing is changed. */
export async function assumeFromBackup(drill: Drill, backup: Backup): Promise<Contribution> {
  if (!drill.isAssumed) return {};
  const isReadable = backup.examination.findings.length === 0;
  const outline = isReadable ? await backup.format.outline(backup.dump) : null;
  const { known, said } = readKnown(drill, backup, outline);
  const { profile } = assumeProfile(known, drill.profileDirectory);
  drill.adopt(profile);
  const about = { profile: profile.name, database: known.name };
  // What cannot be read says so itself, and nothing was assumed from it.
  if (outline === null) return { about };
  return {
    about,
    facts: {
      owner: known.owner,
      ownership: known.ownership,
      roles: known.roles.join(', ') || 'none',
      extensions: known.extensions.join(', ') || 'none',
    },
    findings: [assumedFinding(known, said)],
    coverage: { checked: [], notChecked: notChecked },
  };
}

/** Where the name of the database, and that of its owner, were found. */
interface Said {
  name: string;
  owner: string;
}

function readKnown(
  drill: Drill,
  { set, examination: { manifest } }: Backup,
  outline: DumpOutline | null,
): { known: KnownOfDatabase; said: Said } {
  const { source } = drill.choices;
  const provisional = drill.profile.database;
  const names: [string | null | undefined, string][] = [
    [source === null ? null : provisional.name, 'as --source names it'],
    [manifest?.database, 'as the manifest names it'],
    [outline?.database, 'as the dump names it'],
    [databaseOfFile(set.dump), `from the name of the file, ${basename(set.dump)}, for the dump names none`],
    [provisional.name, 'for nothing names it'],
  ];
  const [name, saidName] = firstKnown(names);
  const owners: [string | null | undefined, string][] = [
    [outline?.owner, 'who owns the database'],
    [outline?.ownerOfMost, 'who owns most of what is in the dump, which does not say whose the database is'],
    [name, 'a role of the same name as the database, for the dump names no owner'],
  ];
  const [owner, saidOwner] = firstKnown(owners);
  const namesRoles = (outline?.roles ?? []).length > 0;
  const ownership = manifest?.ownership ?? (namesRoles || drill.choices.globals ? 'preserve' : 'runbook');
  const { user: admin } = drill.logins.admin;
  const others = (outline?.roles ?? []).filter((role) => role !== owner && role !== admin);
  return {
    known: {
      name,
      owner,
      ownership,
      roles: ownership === 'preserve' ? others : [],
      extensions: outline?.extensions ?? [],
    },
    said: { name: saidName, owner: saidOwner },
  };
}

function firstKnown(choices: [string | null | undefined, string][]): [string, string] {
  for (const [value, said] of choices) if (value) return [value, said];
  throw new Error('Nothing is known.');
}

function assumedFinding({ name, owner, ownership, roles, extensions }: KnownOfDatabase, said: Said): Finding {
  const kept =
    ownership === 'preserve'
      ? `owners and privileges are restored, with ${count(roles.length, 'more role')} that the dump names${list(roles)}`
      : 'all belongs to this role after the restore, for owners and privileges are not in it';
  const created =
    extensions.length === 0
      ? ''
      : `; ${count(extensions.length, 'extension')} that the dump creates may be created by a superuser${list(extensions)}`;
  return {
    rule: 'PROFILE_ASSUMED',
    severity: 'warning',
    object: name,
    message: `There is no profile, so this was assumed: the database is ${name} (${said.name}); its owner is ${owner} (${said.owner}); ${kept}${created}. The time of the restore was held against the RTO of 60 minutes.`,
    remedy:
      'Write a profile: then the application is started on what was restored, the age of the backup is held against your RPO, and the tables that matter have to be there.',
  };
}

function list(names: string[]): string {
  const shown = names.slice(0, 10).join(', ');
  return names.length === 0 ? '' : ` (${shown}${names.length > 10 ? ', …' : ''})`;
}

const noProfile = 'there is no profile';
const notChecked = [
  { what: 'whether the application works on what was restored', why: `${noProfile} that names one` },
  { what: 'whether the backup is recent enough', why: `${noProfile} with an RPO` },
];
