/** `npm run nightly`: backup, off-host copy, rehearsal and deletion of old backups in one, with one exit status. */
import { runCommand } from '../src/commands/run-command.ts';

await runCommand('nightly');
