import { errorCodes } from '../../src/evidence/rules/error-codes.ts';
import { differencesHeading } from '../../src/evidence/rules/explain.ts';
import { rules } from '../../src/evidence/rules/rules.ts';
import { stateFacets } from '../../src/snapshot/state-facets.ts';
import { page, table } from './page.ts';

/** docs/findings.md: every rule with its meaning, cause, and what to do. Pure. */
export function findingsPage(): string {
  return page(
    'Findings',
    [
      'A finding names what speaks against a backup, or is to be known of it. Evidence and terminal show its rule, the object, a message with what was expected and what is there, and what to do. An `error` makes the verdict not-verified; a `warning` does not. What a profile tolerates with a reason (`tolerate`) is a warning, too.',
      'At the terminal, `npm run explain -- RULE`, or `npx restore-rehearsal explain RULE` of the package, says the same. What a step or a command ends with where nothing is known of the backup is [below](#what-could-not-run).',
    ],
    [
      ...Object.entries(rules).map(([heading, texts]) =>
        [
          `## ${heading}`,
          ...Object.entries(texts).map(([rule, [meaning, cause, remedy]]) =>
            [`### ${rule}`, meaning, `- Where it comes from: ${cause}\n- What to do: ${remedy}`].join('\n\n'),
          ),
        ].join('\n\n'),
      ),
      definitions,
      `### State\n\nWhat a dump leaves out, or shows in a way that hides whether it works, is compared on its own. Each has three rules: \`…_MISSING\`, \`…_UNEXPECTED\` and \`…_CHANGED\`. The finding says what to do.\n\n${stateTable()}`,
      `## What could not run\n\nCodes that a step or a command ends with. But for \`NOT_VERIFIED\` they say nothing against the backup: the verdict is \`could-not-run\`, the exit status 2. The message says which thing it was, and why.\n\n${codesTable()}`,
    ],
  );
}

const definitions = `## ${differencesHeading}

### Definitions

What \`pg_dump --schema-only\` says of every object is compared. The rule has the kind of the object in front: \`TABLE_CHANGED\`,
\`INDEX_MISSING\`, \`FK_CONSTRAINT_MISSING\`, \`FUNCTION_UNEXPECTED\`, \`COMMENT_CHANGED\` and so on.

| rule | means | what to do |
| --- | --- | --- |
| \`…_MISSING\` | it is at the source, and not in the restored database | See the errors of the restore, and what the dump leaves out. |
| \`…_UNEXPECTED\` | it is in the restored database alone | Restore into an empty database. |
| \`…_CHANGED\` | both have it, and it is not the same: the finding shows a diff | Use dump and manifest of one backup; see what runs while a dump is restored. |`;

function codesTable(): string {
  const rows = Object.entries(errorCodes).map(([code, [meaning, remedy]]) => [`\`${code}\``, meaning, remedy]);
  return table(['code', 'means', 'what to do'], rows);
}

function stateTable(): string {
  const rows = Object.entries(stateFacets).map(([id, { covers }]) => [`\`${id}_…\``, covers]);
  return table(['rule', 'compared'], rows);
}
