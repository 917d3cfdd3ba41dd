/** `npm run rehearse`: runs rehearsals, shows what came of them, and says it with its exit status. */
import { runCommand } from '../src/commands/run-command.ts';

await runCommand('rehearse');
