import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { commandsPage } from './commands-page.ts';
import { findingsPage } from './findings-page.ts';
import { profilePage } from './profile-page.ts';
import { versionsPage } from './versions-page.ts';

/** The pages of docs/ that are generated. */
const pages: Record<string, () => string | Promise<string>> = {
  'profile.md': profilePage,
  'commands.md': commandsPage,
  'findings.md': findingsPage,
  'versions.md': versionsPage,
};

const pathOf = (name: string) => fileURLToPath(new URL(`../../docs/${name}`, import.meta.url));

export async function writePages(): Promise<void> {
  for (const [name, text] of await renderPages()) await writeFile(pathOf(name), text);
}

/** Those that are not as they would be written now. */
export async function findStalePages(): Promise<string[]> {
  const stale: string[] = [];
  for (const [name, text] of await renderPages()) {
    if ((await readFile(pathOf(name), 'utf8').catch(() => null)) !== text) stale.push(name);
  }
  return stale;
}

async function renderPages(): Promise<[name: string, text: string][]> {
  const rendered: [string, string][] = [];
  for (const [name, render] of Object.entries(pages)) {
    const options = await resolveConfig(pathOf(name));
    rendered.push([name, await format(await render(), { ...options, parser: 'markdown' })]);
  }
  return rendered;
}
