import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { glob } from 'tinyglobby';
import { describe, expect, test } from 'vitest';
import { commands } from '../src/commands/commands.ts';
import { flagName } from '../src/terminal/suggest.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const pages = await glob(['*.md', 'docs/**/*.md', 'reports/FORMAT.md', 'scripts/**/*.md', 'fixtures/**/*.md'], {
  cwd: root,
  ignore: ['docs/sample-report/**', '**/node_modules/**'],
});

const read = (page: string) => readFile(join(root, page), 'utf8');
const withoutCode = (text: string) => text.replace(/^```[\s\S]*?^```/gm, '').replace(/`[^`\n]*`/g, 'code');

/** The anchors of the headings of a page, as GitHub makes them. */
function anchorsOf(text: string): Set<string> {
  const headings = [...text.replace(/^```[\s\S]*?^```/gm, '').matchAll(/^#+ +(.*)$/gm)].map(
    ([, heading = '']) => heading,
  );
  return new Set(
    headings.map((heading) =>
      heading
        .toLowerCase()
        .replace(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );
}

test.for(pages)('every link of %s leads somewhere', async (page) => {
  const broken: string[] = [];
  for (const [, target = ''] of withoutCode(await read(page)).matchAll(/\]\(([^)\s]+)\)/g)) {
    if (/^[a-z]+:/.test(target)) continue;
    const [path = '', anchor] = target.split('#');
    const file = path === '' ? join(root, page) : resolve(root, dirname(page), decodeURI(path));
    if (!existsSync(file)) broken.push(target);
    else if (anchor !== undefined && file.endsWith('.md') && !anchorsOf(await readFile(file, 'utf8')).has(anchor)) {
      broken.push(target);
    }
  }
  expect(broken).toEqual([]);
});

/** Blocks of commands: their language, and the command of each line. */
async function commandsOf(page: string): Promise<{ language: string; line: string }[]> {
  const blocks = [...(await read(page)).matchAll(/^```(console|sh|bash)([^\n]*)\n([\s\S]*?)^```/gm)];
  return blocks.flatMap(([, language = '', words = '', body = '']) => {
    const whole = body.replace(/\\\n\s*/g, ' ').split('\n');
    const typed = whole.some((line) => line.startsWith('$ ')) ? whole.filter((line) => line.startsWith('$ ')) : whole;
    return typed.map((line) => ({ language: `${language}${words}`, line: line.replace(/^\$ /, '') }));
  });
}

describe('every command of ours that a page has', () => {
  test('is one that there is, with flags that it takes', async () => {
    const { scripts } = JSON.parse(await read('package.json')) as { scripts: Record<string, string> };
    const wrong: string[] = [];
    for (const page of pages) {
      for (const { line } of await commandsOf(page)) {
        for (const [, rest = ''] of line.matchAll(
          /(?:npm(?: --prefix \S+)? run(?: -s| --silent)?|npx restore-rehearsal) ([^|;&>#]*)/g,
        )) {
          const problem = await problemOf(rest, scripts);
          if (problem !== null) wrong.push(`${page}: ${line.trim()}: ${problem}`);
        }
      }
    }
    expect(wrong).toEqual([]);
  });

  test('runs where the page says so', async () => {
    for (const page of pages) {
      for (const { language, line } of await commandsOf(page)) {
        if (!/ run\b/.test(language) || line.trim() === '') continue;
        const { exitCode, all } = await execa('bash', ['-c', line], { cwd: root, reject: false, all: true });
        expect.soft(exitCode, `${relative(root, page)}: ${line}\n${all}`).toBe(0);
      }
    }
  }, 120_000);
});

async function problemOf(rest: string, scripts: Record<string, string>): Promise<string | null> {
  const [script = '', ...words] = rest.trim().split(/\s+/);
  const behind = words.filter((word) => word !== '--');
  const name = [`${script} ${behind[0] ?? ''}`, script].find((each) => Object.hasOwn(commands, each));
  if (name === undefined) return script in scripts || script === 'evidence' ? null : `there is no ${script}`;
  const { flags } = await commands[name as keyof typeof commands]();
  const known = [...Object.keys(flags).map(flagName), '--help'];
  const unknown = behind.map((word) => /^--[a-z-]+/.exec(word)?.[0]).filter((flag) => flag !== undefined);
  const wrong = unknown.find((flag) => !known.includes(flag));
  return wrong === undefined ? null : `${name} takes no ${wrong}`;
}
