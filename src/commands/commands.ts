import type { CommandName } from '../config/suggest.ts';
import type { Command } from './command.ts';

/** Every command there is. Each is loaded on its own: what one needs takes a second. */
export const commands: Readonly<Record<CommandName, () => Promise<Command>>> = {
  rehearse: async () => (await import('./rehearse.ts')).rehearse,
  backup: async () => (await import('./backup.ts')).backup,
  offsite: async () => (await import('./offsite.ts')).offsite,
  prune: async () => (await import('./prune.ts')).prune,
  restore: async () => (await import('./restore.ts')).restore,
  doctor: async () => (await import('./doctor.ts')).doctor,
};
