import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { PoolRunnerInitializer, PoolWorker } from 'vitest/node';
import { variablesOfWorkers } from '../../system/environment.ts';
import { bundle, isPackage, root } from '../../system/place.ts';

type Listener = Parameters<PoolWorker['on']>[1];

/** Processes that rehearsals run in, one each. The first is started before Vitest asks for it: they load at the same time. */
export class WorkerPool implements PoolRunnerInitializer, AsyncDisposable {
  readonly name = 'rehearsals';
  #ready: WorkerProcess | null = new WorkerProcess();

  createPoolWorker(): PoolWorker {
    const worker = this.#ready ?? new WorkerProcess();
    this.#ready = null;
    return worker;
  }

  /** Ends the process that nobody has asked for. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#ready?.stop();
    this.#ready = null;
  }
}

const patienceMs = 500;

class WorkerProcess implements PoolWorker {
  readonly name = 'rehearsals';
  readonly #process: ChildProcess;
  readonly #hasEnded: Promise<unknown>;

  constructor() {
    const execArgv = bundle === null ? ['--import', import.meta.resolve('tsx')] : [];
    const options = { env: variablesOfWorkers(), execArgv, stdio: 'pipe', serialization: 'advanced' } as const;
    this.#process = fork(moduleOf('rehearsal-worker'), [], options);
    this.#hasEnded = once(this.#process, 'exit').catch(() => undefined);
  }

  start(): Promise<void> {
    this.#process.stdout?.pipe(process.stdout, { end: false });
    this.#process.stderr?.pipe(process.stderr, { end: false });
    return Promise.resolve();
  }

  on(event: string, listener: Listener): void {
    this.#process.on(event, listener);
  }

  off(event: string, listener: Listener): void {
    this.#process.off(event, listener);
  }

  send(message: Parameters<PoolWorker['send']>[0]): void {
    this.#process.send(message);
  }

  deserialize(message: unknown): unknown {
    return message;
  }

  /** A rehearsal that does not end for SIGTERM is ended for good. */
  async stop(): Promise<void> {
    const atLast = setTimeout(() => this.#process.kill('SIGKILL'), patienceMs);
    this.#process.kill();
    await this.#hasEnded;
    clearTimeout(atLast);
  }
}

/** What Vitest is to load by its path, as it is run here. */
export function moduleOf(name: 'rehearsal-worker' | 'test-runner'): string {
  if (bundle !== null) return join(bundle, `${name}.${isPackage ? 'js' : 'mjs'}`);
  return join(root, name === 'test-runner' ? 'src/rehearsal/runner/test-runner.ts' : 'scripts/rehearsal-worker.ts');
}
