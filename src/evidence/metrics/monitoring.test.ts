import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import * as z from 'zod';
import { promtool, promtoolMissing } from '../../../fixtures/testing/promtool.ts';
import { makeWorkspace } from '../../../fixtures/testing/workspace.ts';
import { metrics } from './table.ts';

const directory = 'docs/monitoring';

interface Rules {
  groups: { rules: { alert: string; expr: string }[] }[];
}

const target = z.object({ expr: z.string().min(1), refId: z.string().min(1), legendFormat: z.string() });

/** What Grafana needs of a dashboard to show it. */
const dashboardSchema = z.object({
  title: z.string().min(1),
  uid: z.string().max(40),
  schemaVersion: z.int().min(30),
  templating: z.object({ list: z.array(z.object({ name: z.string(), type: z.string() })) }),
  panels: z.array(
    z.object({
      id: z.int(),
      type: z.enum(['stat', 'timeseries', 'state-timeline']),
      title: z.string().min(1),
      gridPos: z.object({ x: z.int().min(0).max(23), y: z.int(), w: z.int().max(24), h: z.int() }),
      targets: z.array(target).min(1),
    }),
  ),
});

async function readRules() {
  const { groups } = parse(await readFile(join(directory, 'rules.yml'), 'utf8')) as Rules;
  return groups.flatMap(({ rules }) => rules);
}

async function readDashboard() {
  return dashboardSchema.parse(JSON.parse(await readFile(join(directory, 'dashboard.json'), 'utf8')));
}

function namesIn(query: string): string[] {
  return query.match(/restore_rehearsal_\w+/g) ?? [];
}

test('alert rules and dashboard ask for metrics that there are', async () => {
  const dashboard = await readFile(join(directory, 'dashboard.json'), 'utf8');
  const panels = (await readDashboard()).panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));
  const rules = (await readRules()).map(({ expr }) => expr);
  for (const query of [...panels, ...rules]) expect(namesIn(query).length, query).toBeGreaterThan(0);
  for (const name of namesIn([dashboard, ...rules].join('\n'))) expect(Object.keys(metrics)).toContain(name);
});

test('the panels of the dashboard have ids of their own, and do not lie on each other', async () => {
  const { panels } = await readDashboard();
  expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
  const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
    Array.from({ length: w * h }, (_, index) => `${x + (index % w)} ${y + Math.floor(index / w)}`),
  );
  expect(new Set(cells).size).toBe(cells.length);
});

test('every alert has a test in which it is raised', async () => {
  const { tests } = parse(await readFile(join(directory, 'rules.test.yml'), 'utf8')) as {
    tests: { alert_rule_test: { alertname: string; exp_alerts?: unknown[] }[] }[];
  };
  const raised = tests.flatMap(({ alert_rule_test: all }) =>
    all.filter(({ exp_alerts: alerts = [] }) => alerts.length > 0).map(({ alertname }) => alertname),
  );
  for (const { alert } of await readRules()) expect(raised).toContain(alert);
});

const because = promtoolMissing === null ? '' : `, skipped: ${promtoolMissing}`;
describe.skipIf(promtoolMissing !== null)(`promtool${because}`, () => {
  test('finds the rules well-formed, and they raise what they should and nothing else', async () => {
    expect(await promtool(['check', 'rules', 'rules.yml'], '', directory)).toContain('SUCCESS');
    expect(await promtool(['test', 'rules', 'rules.test.yml'], '', directory)).toContain('SUCCESS');
  });

  test('finds every query of the dashboard well-formed', async () => {
    const { panels } = await readDashboard();
    const queries = panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));
    const rules = queries.map((expr, index) => ({ record: `query:${index}`, expr }));
    const workspace = await makeWorkspace({ 'queries.yml': JSON.stringify({ groups: [{ name: 'queries', rules }] }) });
    expect(await promtool(['check', 'rules', 'queries.yml'], '', workspace)).toContain(`${queries.length} rules found`);
  });
});
