/** Fixtures and a matcher for people's own Vitest suites, whatever their version of Vitest is. See docs/own-rehearsals.md. */
export {};
