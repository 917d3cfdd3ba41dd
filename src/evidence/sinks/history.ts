import { typed } from '../../terminal/suggest.ts';
import { nearby } from '../../terminal/nearby.ts';
import { writeHistory } from '../history/write-history.ts';
import type { RunSink } from './sink.ts';

/** index.html: the history of all runs. One that cannot be made says so, and speaks against no backup. */
export const history: RunSink = {
  publish: async ({ reports, remarks }) => {
    try {
      const { file } = await writeHistory(reports);
      remarks.push(`history   ${nearby(file)}`);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      remarks.push(`history   not made: ${reason}. The evidence is there; ${typed('evidence index')} makes it again.`);
    }
  },
};
