import type { AppProfile } from '../config/profile.ts';
import type { Application } from './application.ts';
import { healthProbe, sendProbe } from './probe.ts';

/**
 * - `backed`: while the database was gone, the health check failed, so its success says something about the database.
 * - `decoration`: it still answered as if all were well, but one of the other probes failed.
 * - `blind`: nothing that the profile asks noticed that the database was gone.
 */
export type HealthNature = 'backed' | 'decoration' | 'blind';

export interface Unmasking {
  nature: HealthNature;
  /** What the health check answered. */
  actual: string;
}

/** Asks an application whose database is gone how it is. The other probes are sent only if its health check hides it. */
export async function unmaskHealth(application: Application, app: AppProfile, signal: AbortSignal): Promise<Unmasking> {
  const health = await sendProbe(application.baseUrl, healthProbe(app.health), signal);
  if (!health.passed) return { nature: 'backed', actual: health.actual };
  for (const probe of app.probes) {
    const { passed } = await sendProbe(application.baseUrl, probe, signal);
    if (!passed) return { nature: 'decoration', actual: health.actual };
  }
  return { nature: 'blind', actual: health.actual };
}
