import type { CommandName } from '../terminal/suggest.ts';
import type { flags as backup } from './backup.ts';
import type { Command, Suggested } from './command.ts';
import type { flags as doctor } from './doctor.ts';
import { evidenceCommands } from './evidence.ts';
import type { flags as evidenceAdopt } from './evidence/adopt.ts';
import type { flags as evidenceIndex } from './evidence/index.ts';
import type { flags as evidenceExport } from './evidence/export.ts';
import type { flags as evidenceKeygen } from './evidence/keygen.ts';
import type { flags as evidenceList } from './evidence/list.ts';
import type { flags as evidenceNote } from './evidence/note.ts';
import type { flags as evidenceShow } from './evidence/show.ts';
import type { flags as evidenceStatus } from './evidence/status.ts';
import type { flags as evidenceVerify } from './evidence/verify.ts';
import type { flags as nightly } from './nightly/flags.ts';
import type { flags as init } from './init.ts';
import type { flags as merge } from './merge.ts';
import type { flags as offsite } from './offsite.ts';
import type { flags as plan } from './plan.ts';
import type { flags as prune } from './prune.ts';
import type { flags as rehearse } from './rehearse.ts';
import type { flags as restore } from './restore.ts';

declare module '../terminal/suggest.ts' {
  interface CommandFlags {
    rehearse: Suggested<typeof rehearse>;
    plan: Suggested<typeof plan>;
    merge: Suggested<typeof merge>;
    backup: Suggested<typeof backup>;
    offsite: Suggested<typeof offsite>;
    prune: Suggested<typeof prune>;
    restore: Suggested<typeof restore>;
    nightly: Suggested<typeof nightly>;
    doctor: Suggested<typeof doctor>;
    init: Suggested<typeof init>;
    explain: Record<string, never>;
    'evidence keygen': Suggested<typeof evidenceKeygen>;
    'evidence verify': Suggested<typeof evidenceVerify>;
    'evidence index': Suggested<typeof evidenceIndex>;
    'evidence adopt': Suggested<typeof evidenceAdopt>;
    'evidence status': Suggested<typeof evidenceStatus>;
    'evidence list': Suggested<typeof evidenceList>;
    'evidence show': Suggested<typeof evidenceShow>;
    'evidence note': Suggested<typeof evidenceNote>;
    'evidence export': Suggested<typeof evidenceExport>;
  }
}

/** Every command there is. Each is loaded on its own: what one needs takes a second. */
export const commands: Readonly<Record<CommandName, () => Promise<Command>>> = {
  rehearse: async () => (await import('./rehearse.ts')).rehearseCommand,
  plan: async () => (await import('./plan.ts')).planCommand,
  merge: async () => (await import('./merge.ts')).mergeCommand,
  backup: async () => (await import('./backup.ts')).backupCommand,
  offsite: async () => (await import('./offsite.ts')).offsiteCommand,
  prune: async () => (await import('./prune.ts')).pruneCommand,
  restore: async () => (await import('./restore.ts')).restoreCommand,
  nightly: async () => (await import('./nightly.ts')).nightlyCommand,
  doctor: async () => (await import('./doctor.ts')).doctorCommand,
  init: async () => (await import('./init.ts')).initCommand,
  explain: async () => (await import('./explain.ts')).explainCommand,
  ...evidenceCommands,
};
