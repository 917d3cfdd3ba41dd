/** `npm run plan`: lists the databases that are to be rehearsed, before any is. */
import { runCommand } from '../src/commands/run-command.ts';

await runCommand('plan');
