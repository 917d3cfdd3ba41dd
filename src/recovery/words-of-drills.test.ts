import { readFile } from 'node:fs/promises';
import { dirname, relative, resolve } from 'node:path';
import ts from 'typescript';
import { expect, test } from 'vitest';

/**
 * What stands in a module that an incident loads can be shown in one. So nothing there speaks of a server that one can do
 * anything to, of a rehearsal that is repeated with another image, or of evidence that an incident does not write: words
 * for drills alone are said by what drills alone load.
 */
const ofDrills = /disposable|throwaway|\brehears(?!al-)|\bdrills?\b|beside the evidence/i;

test('no message that can be shown in an incident is meant for a rehearsal', async () => {
  const loaded = await loadedBy(resolve('src/commands/restore.ts'));
  expect(loaded.size).toBeGreaterThan(100);
  const found = [...loaded].flatMap(([file, source]) =>
    // The help of a command says what rehearsals have to do with it, and the page of the profile what its keys have.
    file.startsWith('src/commands/') || /^src\/config\/(?:(?:app|backups|evidence|sources)-)?profile\.ts$/.test(file)
      ? []
      : textsOf(source)
          .filter(isOfDrills)
          .map((text) => `${file}: ${text}`),
  );
  expect(found).toEqual([]);
});

/** A module with all that it loads, by path: imports of types are gone at run time. */
async function loadedBy(file: string, all = new Map<string, ts.SourceFile>()): Promise<Map<string, ts.SourceFile>> {
  const name = relative('.', file);
  if (all.has(name)) return all;
  const source = ts.createSourceFile(file, await readFile(file, 'utf8'), ts.ScriptTarget.ES2023, true);
  all.set(name, source);
  for (const statement of source.statements) {
    if (!ts.isImportDeclaration(statement) || statement.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword)
      continue;
    const { text } = statement.moduleSpecifier as ts.StringLiteral;
    if (text.startsWith('.')) await loadedBy(resolve(dirname(file), text), all);
  }
  return all;
}

function textsOf(source: ts.SourceFile): string[] {
  const texts: string[] = [];
  const visit = (node: ts.Node) => {
    if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) texts.push(node.text);
    if (ts.isTemplateHead(node) || ts.isTemplateMiddle(node) || ts.isTemplateTail(node)) texts.push(node.text);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return texts;
}

function isOfDrills(text: string): boolean {
  // The product and its variables have the word in their names; a text without a space is a name or a code.
  return text.trim().includes(' ') && ofDrills.test(text.replace(/restore-rehearsal|REHEARSAL_\w+/g, ''));
}
