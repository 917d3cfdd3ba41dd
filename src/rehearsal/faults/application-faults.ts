import { fileURLToPath } from 'node:url';
import { healthProbe, waitForProbe } from '../../app/probe.ts';
import type { AppProfile, Profile } from '../../config/profile.ts';
import { ApplicationUnderTest } from '../application-under-test.ts';
import type { BackupCopy } from './backup-copy.ts';
import type { Fault, Stage } from './fault.ts';

/** Long enough for a program to start on a machine under load, where it is to be found healthy. */
const patientMs = 60_000;
/** Long enough for a program that is up to answer. */
const impatientMs = 2000;

const misbehaviours: [name: string, behaviour: string, withinMs: number, failsAt: Stage, finding: string][] = [
  ['the application is never up', 'never listens', impatientMs, 'application', 'APPLICATION_UNREACHABLE'],
  ['the application exits at once', 'exits', patientMs, 'application', 'APPLICATION_EXITED'],
  ['the application answers 500', 'answers 500', impatientMs, 'application', 'APPLICATION_NOT_HEALTHY'],
  [
    'the health check has the right status and a wrong body',
    'says something else',
    impatientMs,
    'application',
    'HEALTH_BODY_MISMATCH',
  ],
  ['the answer of the application never ends', 'never finishes', impatientMs, 'application', 'APPLICATION_HANGS'],
  [
    'the application is not healthy before its deadline',
    'is not ready',
    impatientMs,
    'application',
    'APPLICATION_NOT_HEALTHY',
  ],
  ['a probe fails', 'forgot its rows', patientMs, 'application', 'PROBE_FAILED'],
  ['the health check ignores the database', 'does not look', patientMs, 'gone', 'HEALTH_NOT_DATABASE_BACKED'],
];

/** Applications that are not well on a database that was restored as it was. */
export const applicationFaults: Fault[] = misbehaviours.map(([name, behaviour, withinMs, failsAt, finding]): Fault => ({
  name,
  kind: 'application',
  before: 'application',
  damage: (copy) => (['exits', 'never listens'].includes(behaviour) ? Promise.resolve() : startStandIn(copy)),
  failsAt,
  finding,
  verdict: 'not-verified',
  profile: (profile) => withStandIn(profile, behaviour, withinMs),
}));

/** Its deadlines count from the moment it answers: how fast a program starts is not what is asked here. */
async function startStandIn(copy: BackupCopy): Promise<void> {
  const application = await ApplicationUnderTest.start(copy.served, copy.site.asOwner);
  if (application === null) throw new Error('The copy has no application.');
  copy.application = application;
  const answers = { ...healthProbe(application.app.health), path: '/up', json: { up: true } };
  const { passed, actual } = await waitForProbe(application.current, answers, patientMs, copy.run.signal);
  if (!passed) throw new Error(`The stand-in did not start: ${actual}`);
}

/** The profile with an application of ours, which behaves as it is told. */
export function withStandIn(profile: Readonly<Profile>, behaviour = 'works', withinMs = patientMs): Profile {
  const app: AppProfile = {
    command: [process.execPath, fileURLToPath(new URL('stand-in.mjs', import.meta.url)), behaviour],
    port: 8080,
    env: (database) => ({ DATABASE_URL: database.url }),
    health: { path: '/health', status: 200, json: { status: 'ok' }, withinMs },
    probes: [
      {
        method: 'GET',
        path: '/children',
        headers: {},
        status: 200,
        json: { children: 200 },
        withinMs: behaviour === 'works' ? patientMs : impatientMs,
      },
    ],
  };
  return { ...profile, app };
}
