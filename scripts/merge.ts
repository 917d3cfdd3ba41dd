/** `npm run merge`: one ledger and one verdict of the parts of a plan. */
import { runCommand } from '../src/commands/run-command.ts';

await runCommand('merge');
