/** `npm run offsite`: copies backups to another place, and proves that they arrived. */
import { runCommand } from '../src/commands/run-command.ts';

await runCommand('offsite');
