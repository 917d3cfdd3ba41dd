/** `npm run init`: a profile, a rehearsal and a nightly job from what there is, and a first drill. */
import { runCommand } from '../src/commands/run-command.ts';

await runCommand('init');
