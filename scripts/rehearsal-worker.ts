/**
 * The process of one rehearsal, which rehearse starts. It loads what steps need while the command gets ready, and then runs the file
 * that Vitest names, as a worker of Vitest's own does.
 */
import { init, runBaseTests, setupEnvironment } from 'vitest/worker';
import '../src/rehearsal/rehearsal.ts';
import '../src/rehearsal/steps/check-application.ts';
import '../src/rehearsal/steps/restore-backup.ts';
import '../src/rehearsal/steps/server/start-for-backup.ts';
import '../src/rehearsal/steps/server/start-for-seed.ts';

type SetupContext = Parameters<typeof setupEnvironment>[0];
type Listener = (message: unknown) => void;

/** Rehearsals may replace it. */
const send = process.send?.bind(process);

/** Whoever started this is gone, and there is no rehearsal yet that has something to remove. */
const onError = ({ code }: NodeJS.ErrnoException): void => {
  if (code === 'ERR_IPC_CHANNEL_CLOSED' || code === 'EPIPE') process.kill(process.pid, 'SIGKILL');
};
process.on('error', onError);

init({
  post: (message) => send?.(message),
  on: (listener: Listener) => void process.on('message', listener),
  off: (listener: Listener) => void process.off('message', listener),
  setup: (context) => setupEnvironment(withoutHooks(context)),
  runTests: (state, traces) => runBaseTests('run', state, traces),
  collectTests: (state, traces) => runBaseTests('collect', state, traces),
  teardown: () => {
    process.removeAllListeners('message');
    process.off('error', onError);
  },
});

/** Where Node.js loads the files, Vitest has it ask a thread of Vitest's for every module. Ours need nothing of the kind. */
function withoutHooks(context: SetupContext): SetupContext {
  const { config } = context;
  return { ...context, config: { ...config, experimental: { ...config.experimental, viteModuleRunner: true } } };
}
