/** Fixtures and a matcher for people's own Vitest suites, whatever their version of Vitest is. See docs/own-rehearsals.md. */
import type { Compared } from './suite/matchers.ts';

export { fixtures, type RehearsalFixtures } from './suite/fixtures.ts';
export { matchers, type Compared } from './suite/matchers.ts';
export { withSession as withClient } from './postgres/with-session.ts';

declare module 'vitest' {
  interface Matchers<T> {
    /** See matchers. */
    toBeRestoredFrom(reference: Compared): T extends Promise<unknown> ? never : Promise<void>;
  }
}
