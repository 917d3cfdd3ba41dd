import type { ToolRunner } from '../postgres/tool.ts';
import { OperationalError } from '../system/operational-error.ts';

/** The tools that a source may be met with. */
export type DumpTools = ToolRunner<'pg_dump' | 'pg_dumpall'>;

const reading = new Set<string>(['pg_dump', 'pg_dumpall']);

/** The tools of a server that is only to be read. The type says so, and this does for code that gets round the type. */
export function onlyDumps(runTool: ToolRunner['runTool']): DumpTools {
  return {
    async runTool(call) {
      if (reading.has(call.tool)) return runTool(call);
      throw new OperationalError('NOT_DISPOSABLE', `Refused to run ${call.tool} on a server that is only to be read.`);
    },
  };
}
