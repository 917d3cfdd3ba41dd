import { expect, test } from 'vitest';
import type { ToolCall, ToolRunner } from '../postgres/tool.ts';
import { onlyDumps } from './only-dumps.ts';

test.for([
  ['pg_dump', 'runs'],
  ['pg_dumpall', 'runs'],
  ['pg_restore', 'is refused'],
  ['psql', 'is refused'],
  ['pg_amcheck', 'is refused'],
] as const)('on a server that is only to be read, %s %s', async ([tool, what]) => {
  const ran: string[] = [];
  const source = onlyDumps((call) => {
    ran.push(call.tool);
    return Promise.resolve({ exitCode: 0, stdout: '', stderr: '' });
  }) as ToolRunner;
  const call: ToolCall = { tool, args: [], user: 'shop', password: '', database: 'shop', timeoutMs: 1000 };
  if (what === 'runs') await source.runTool(call);
  else await expect(source.runTool(call)).rejects.toMatchObject({ code: 'NOT_DISPOSABLE' });
  expect(ran).toEqual(what === 'runs' ? [tool] : []);
});
