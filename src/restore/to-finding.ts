import type { Finding } from '../evidence/schema.ts';
import type { Found } from '../snapshot/difference.ts';

/** A difference as the evidence shows it. Pure. */
export function toFinding({ rule, severity, object, expected, actual, remedy, diff, message }: Found): Finding {
  return {
    rule,
    severity,
    object,
    message: message ?? `${object}: expected ${expected}, found ${actual}.`,
    remedy,
    diff: diff ?? null,
  };
}
