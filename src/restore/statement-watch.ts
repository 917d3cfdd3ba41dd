import type { Target } from './target.ts';

/** Knows what a server was at last in a database. */
export interface StatementWatch extends Disposable {
  last(): string | null;
}

/**
 * Looks now and then at what a server does for a restore: when that is ended for taking too long, pg_restore cancels its statement,
 * and nobody can ask any more.
 */
export function watchStatement({ server, database }: Target, timeoutMs: number): StatementWatch {
  let last: string | null = null;
  const look = () => {
    const reading = server.statementIn?.(database) ?? Promise.resolve(null);
    void reading.then((statement) => (last = statement ?? last)).catch(() => undefined);
  };
  const timer = setInterval(look, Math.min(mostMs, timeoutMs / 10)).unref();
  return {
    last: () => last,
    [Symbol.dispose]() {
      clearInterval(timer);
    },
  };
}

const mostMs = 60_000;
