/** `npm run prune`: deletes backups that nobody needs here any more, and none that is not proven to be off-host. */
import { runCommand } from '../src/commands/run-command.ts';

await runCommand('prune');
