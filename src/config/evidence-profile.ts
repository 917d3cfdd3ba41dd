import * as z from 'zod';
import { address, durationMs } from './profile-values.ts';

/** Whose clauses evidence can be held against; see controls.ts. */
export const controlFrameworks = ['soc2', 'iso27001', 'nist80053', 'hipaa', 'dora', 'cis'] as const;
export type ControlFramework = (typeof controlFrameworks)[number];

/** Who signs evidence: a key in a file, or a program that signs with one that nobody can read. */
const signing = z
  .strictObject({
    key: z.string().min(1).optional().describe('File of the private key that `evidence keygen` has made.'),
    command: z
      .array(z.string().min(1))
      .min(1)
      .optional()
      .describe(
        'In place of `key`: a program with its arguments, for keys that nobody can read. It gets the bytes to sign on standard input, and prints the signature in base64.',
      ),
    publicKey: z
      .string()
      .min(1)
      .optional()
      .describe('File of the public key, which signatures are checked with. Required with `command`.'),
  })
  .refine(({ key, command }) => (key === undefined) !== (command === undefined), 'takes one of key and command')
  .refine(
    ({ command, publicKey }) => command === undefined || publicKey !== undefined,
    'takes publicKey with command: signatures are checked with it',
  );

/** `evidence` of a profile. */
export const evidence = z
  .strictObject({
    directory: z.string().min(1).default('reports').describe('Where evidence goes.'),
    frequency: durationMs
      .optional()
      .describe('How often a new backup and a rehearsal are due; default: `objectives.rpo`.'),
    label: z.string().min(1).optional().describe('Whose backups these are: `production`.'),
    signing: signing
      .optional()
      .describe('Who signs evidence: one of `key` and `command`. See [evidence.md](evidence.md).'),
    metrics: z
      .string()
      .endsWith('.prom', 'has to end in .prom, which node_exporter looks for')
      .optional()
      .describe('File with metrics for Prometheus’ node_exporter. See [monitoring](monitoring/README.md).'),
    webhook: address
      .optional()
      .describe(
        'Address that hears of bad news, and of the first good one after it. Better in `REHEARSAL_WEBHOOK`: whoever knows it can use it.',
      ),
    heartbeat: address
      .optional()
      .describe('Address that is asked for after every run that is verified. Better in `REHEARSAL_HEARTBEAT`.'),
    controls: z
      .array(z.enum(controlFrameworks))
      .optional()
      .describe(
        'Frameworks whose clauses the evidence names as supported or not. See [evidence.md](evidence.md#controls).',
      ),
    timestamp: address.optional().describe('Authority for time stamps (RFC 3161): it says when a signature was there.'),
  })
  .prefault({})
  .describe('Where evidence goes, who signs it, and who is told.');
