import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Environment } from '../../system/environment.ts';
import { lastLine } from '../../system/last-line.ts';
import { OperationalError } from '../../system/operational-error.ts';
import { usePrivateDirectory } from '../../system/private-directory.ts';
import { runProgram } from '../../system/run-program.ts';

/** A PDF, or why there is none. */
export type Printed = { pdf: Buffer } | { reason: string };

const browsers = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const timeoutMs = 120_000;

/** Has the browser of this machine print a page, where there is one. What it does wrong is a reason, not an error. */
export async function printPdf(html: string, environment: Environment): Promise<Printed> {
  await using own = await usePrivateDirectory(environment);
  const [page, file] = [join(own.directory, 'page.html'), join(own.directory, 'page.pdf')];
  await writeFile(page, html);
  const args = [
    ...['--headless', '--disable-gpu', '--disable-dev-shm-usage', '--no-first-run', '--no-pdf-header-footer'],
    // Chromium's own sandbox refuses root; the page is ours, and asks for nothing.
    ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
    ...[`--user-data-dir=${join(own.directory, 'profile')}`, `--print-to-pdf=${file}`, `file://${page}`],
  ];
  const env = { PATH: environment.path, HOME: own.directory };
  for (const browser of browsers) {
    try {
      const { exitCode, stderr } = await runProgram({ file: browser, args, env, cwd: own.directory, timeoutMs });
      const pdf = await readFile(file).catch(() => null);
      if (pdf?.subarray(0, 5).toString() === '%PDF-') return { pdf };
      return { reason: `${browser} ended with status ${exitCode} and printed none: ${lastLine(stderr)}` };
    } catch (error) {
      if (!(error instanceof OperationalError) || error.code === 'INTERRUPTED') throw error;
      if (error.code !== 'TOOL_NOT_STARTED') return { reason: error.message.replace(/\.$/, '') };
    }
  }
  return { reason: `there is no browser on this machine; looked for were ${browsers.join(', ')}` };
}
