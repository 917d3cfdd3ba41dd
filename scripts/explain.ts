/** `npm run explain`: says what a finding or a code means, where it comes from, and what to do. */
import { runCommand } from '../src/commands/run-command.ts';

await runCommand('explain');
