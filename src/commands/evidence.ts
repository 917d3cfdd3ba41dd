/** What `npm run evidence --` takes, a word and what it loads. The flags of each are named in commands.ts. */
export const evidenceCommands = {
  'evidence keygen': async () => (await import('./evidence/keygen.ts')).keygenCommand,
  'evidence verify': async () => (await import('./evidence/verify.ts')).verifyCommand,
  'evidence adopt': async () => (await import('./evidence/adopt.ts')).adoptCommand,
};
