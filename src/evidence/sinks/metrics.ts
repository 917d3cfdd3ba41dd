import { writeMetrics } from '../metrics/write.ts';
import type { DeliverySink } from './sink.ts';

/** Metrics for Prometheus, in a file that node_exporter reads. */
export const metrics: DeliverySink = {
  deliver: async ({ destinations, reports, outcomes }) => {
    if (destinations.metrics === null) return;
    await writeMetrics(
      destinations.metrics,
      reports,
      outcomes.map(({ evidence }) => evidence),
    );
  },
};
