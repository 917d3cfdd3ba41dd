import { withBenchServer } from '../bench-server.ts';
import { shapes } from '../data.ts';
import { rowOf } from '../row.ts';
import { contest } from './large.ts';
import type { Part } from './part.ts';

/** Databases that are not like the first user's. */
export const otherShapes: Part = async (options, give) => {
  const { scale, pairs } = options;
  for (const { name, objects, sql } of shapes) {
    await withBenchServer({ ...options, sql: sql(scale), objects: objects(scale) }, async (server) => {
      const { ratios, sides } = (await contest(server, pairs, 'nothing')).comparison;
      const scaled = scale === 1 ? name : `${scale} of ${name}`;
      const how = `${pairs} pairs`;
      give(rowOf(ratios, { name: `${scaled}, B against A`, target: 1.3, unit: '×', how, sides }));
    });
  }
};
