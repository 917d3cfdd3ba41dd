/** What `npm run evidence --` takes, a word and what it loads. The flags of each are named in commands.ts. */
export const evidenceCommands = {
  'evidence keygen': async () => (await import('./evidence/keygen.ts')).keygenCommand,
  'evidence verify': async () => (await import('./evidence/verify.ts')).verifyCommand,
  'evidence adopt': async () => (await import('./evidence/adopt.ts')).adoptCommand,
  'evidence status': async () => (await import('./evidence/status.ts')).statusCommand,
  'evidence list': async () => (await import('./evidence/list.ts')).listCommand,
  'evidence show': async () => (await import('./evidence/show.ts')).showCommand,
  'evidence note': async () => (await import('./evidence/note.ts')).noteCommand,
  'evidence index': async () => (await import('./evidence/index.ts')).indexCommand,
  'evidence export': async () => (await import('./evidence/export.ts')).exportCommand,
};
