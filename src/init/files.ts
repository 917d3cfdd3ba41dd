import { join } from 'node:path';
import { addIgnored, pattern } from './render/gitignore.ts';
import { renderProfile } from './render/profile.ts';
import { renderRehearsal } from './render/rehearsal.ts';
import { renderWorkflow } from './render/workflow.ts';
import type { Plan } from './plan.ts';

/** A file that init writes. */
export interface WantedFile {
  /** Relative to the project. */
  file: string;
  content: string;
  /** Whether what is there stays, with lines added: then nothing of anybody's gets lost. */
  isAddition: boolean;
}

export interface Wanted {
  files: WantedFile[];
  /** What a person still has to do. */
  next: string[];
}

/**
 * All that is written for a plan. Pure.
 * @param profile name of the profile's file
 * @param ignored what .gitignore holds
 */
export function wantedFiles(plan: Plan, profile: string, ignored: string, version: string): Wanted {
  const workflow = renderWorkflow(plan, profile, version);
  const isBelow = !plan.backups.startsWith('/') && plan.backups !== '.';
  const lines = ['/reports/', ...(isBelow ? [pattern(plan.backups)] : [])];
  return {
    files: [
      { file: profile, content: renderProfile(plan), isAddition: false },
      { file: 'rehearsals/latest-backup.rehearsal.ts', content: renderRehearsal(plan), isAddition: false },
      ...(workflow === null ? [] : [{ file: join(workflow.file), content: workflow.content, isAddition: false }]),
      { file: '.gitignore', content: addIgnored(ignored, lines), isAddition: true },
    ],
    next: workflow?.next ?? [],
  };
}
