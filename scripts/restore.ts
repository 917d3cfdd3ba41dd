/** `npm run restore`: restores a backup beside the live database of a real server, and lets it take its place. */
import { runCommand } from '../src/commands/run-command.ts';

await runCommand('restore');
