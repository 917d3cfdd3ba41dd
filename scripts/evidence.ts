/** `npm run evidence`: makes keys for evidence, and looks after what has been written. */
import { runCommand } from '../src/commands/run-command.ts';

await runCommand('evidence');
