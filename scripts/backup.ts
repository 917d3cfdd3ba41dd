/** `npm run backup`: takes a backup of a live database, with all that is needed to prove later that it restores. */
import { runCommand } from '../src/commands/run-command.ts';

await runCommand('backup');
