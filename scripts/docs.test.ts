import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { glob } from 'tinyglobby';
import { expect, test } from 'vitest';
import { rules } from '../src/evidence/rules/rules.ts';
import { stateFacets } from '../src/snapshot/state-facets.ts';
import { findStalePages } from './docs/pages.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const source = (path: string) => readFile(`${root}/${path}`, 'utf8');

test('the pages that follow from the code are as they would be written now: npm run docs', async () => {
  expect(await findStalePages()).toEqual([]);
}, 60_000);

/** What is written like a rule in the code, and is none. */
const noRules = [
  // Codes of errors and of what is wrong with a ledger, a bundle or a stamp have messages of their own.
  /^(?:BUNDLE|EVIDENCE|LINE|STAMP|SIGNATURE|KEY|HEAD|LEDGER|NOTE|STATEMENT|SUBJECT)_(?!NOT_SIGNED$)/,
  /^NOT_(?:PRUNED|REHEARSED|VERIFIED)$/,
  // Environment, SQL, Node.js.
  /^(?:ALLOW_CONNECTIONS|IS_TEMPLATE|SQL_ASCII|EAI_AGAIN|ABORT_ERR|(?:UND_)?ERR_\w+|PG_VERSION|LC_ALL)$/,
  /^(?:REHEARSAL|RESTORE_REHEARSAL|RCLONE|COMPOSE|POSTGRES|POSTGRESQL|GITHUB|XDG|RYUK|TESTCONTAINERS|CI|BUILD)_/,
  // Of schedulers, which say what part of a plan a job is.
  /^(?:JOB_COMPLETION_INDEX|(?:AWS_BATCH_JOB|CIRCLE_NODE|BUILDKITE_PARALLEL)_\w+)$/,
  // What gpg says of itself.
  /^(?:DECRYPTION_KEY|DECRYPTION_OKAY|END_DECRYPTION|ENC_TO|NEED_PASSPHRASE_SYM)$/,
  // Definitions have a rule for each kind of object and difference.
  /^(?:TABLE_CHANGED|INDEX_MISSING|DATABASE_SETTING_CHANGED|EXTENSION_CHANGED)$/,
];

test('every rule that a finding may have has its meaning, cause and remedy', async () => {
  const files = await glob(
    ['src/**/*.ts', '!src/**/*.test.ts', '!src/init/**', '!src/system/**', '!src/rehearsal/faults/*-faults.ts'],
    { cwd: root },
  );
  const codes = new Set((await source('src/system/operational-error.ts')).match(/'[A-Z_0-9]+'/g));
  const used = new Map<string, string>();
  for (const file of files) {
    for (const [quoted] of (await source(file)).matchAll(/'[A-Z][A-Z0-9]+(?:_[A-Z0-9]+)+'/g)) {
      if (!codes.has(quoted)) used.set(quoted.slice(1, -1), file);
    }
  }
  const told = new Set([...Object.values(rules).flatMap((texts) => Object.keys(texts)), ...Object.keys(stateFacets)]);
  const untold = [...used].filter(([rule]) => !told.has(rule) && !noRules.some((pattern) => pattern.test(rule)));
  expect(untold).toEqual([]);
  const unused = [...told].filter((rule) => !used.has(rule) && !(rule in stateFacets));
  expect(unused.filter((rule) => !codes.has(`'${rule}'`))).toEqual([]);
});
