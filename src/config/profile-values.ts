import * as z from 'zod';
import { parseDuration } from './duration.ts';

/** What several keys of a profile take. */

export const identifier = z
  .string()
  .min(1)
  .refine((name) => Buffer.byteLength(name) <= 63 && !name.includes('\0'), 'is not a PostgreSQL name (1 to 63 bytes)');

export const durationMs = z.string().transform((text, context): number => {
  const value = parseDuration(text);
  if (value !== null) return value;
  context.addIssue({
    code: 'custom',
    message: `"${text}" is not a duration; write it like "30s", "60m", "24h" or "7d"`,
  });
  return z.NEVER;
});

/** `12.5%`, as the fraction 0.125. */
export const percentage = z.string().transform((text, context): number => {
  const value = /^\d+(?:\.\d+)?%$/.test(text) ? Number.parseFloat(text) / 100 : NaN;
  if (value >= 0 && value <= 1) return value;
  context.addIssue({ code: 'custom', message: `"${text}" is not a percentage; write it like "20%"` });
  return z.NEVER;
});

/** Also one of a Unix socket, which has no host: `postgres://user@/shop?host=/run/postgresql`. */
export const postgresUrl = z
  .string()
  .regex(/^postgres(?:ql)?:\/\/\S+$/, 'has to be a URL that starts with postgres://');

export const address = z.url({
  protocol: /^https?$/,
  error: 'has to be an address that starts with https:// or http://',
});
