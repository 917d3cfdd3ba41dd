/** `npm run doctor`: says what works here, what mends the rest, and what killed rehearsals left. */
import { runCommand } from '../src/commands/run-command.ts';

await runCommand('doctor');
