/**
 * What every command stands in. Status 1 is for what a command found out about a backup. Where it cannot find out anything,
 * because it cannot even be loaded, say, the status is 2, with one sentence. Plain JavaScript, with nothing but Node.js: it has
 * to run where nothing else can be loaded.
 */
import { mkdirSync, readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';

const couldNotRun = 2;

/** What a person can do about an error, by its code. */
const remedies = {
  EMFILE: 'Too many files are open. Raise the limit (ulimit -n) and start again.',
  ENFILE: 'Too many files are open on this machine. Close some and start again.',
  ENOSPC: 'A disk is full. Free some space and start again.',
};

let interrupted = false;

/**
 * Runs a command.
 * @param load imports it, which runs it
 * @param install what installs what it needs
 */
export async function runInFrame(load, install) {
  const whole = { ...remedies, ERR_MODULE_NOT_FOUND: `Something that this command needs is not installed. ${install}` };
  const fail = failWith(whole);
  process.on('uncaughtException', fail);
  for (const stream of [process.stdout, process.stderr]) stream.on('error', interrupt);
  try {
    assertTemporaryDirectory();
    await load();
  } catch (error) {
    fail(error);
  }
}

/** Makes the directory that tsx would make for its cache: in some places, like /proc, its way to do so never ends. */
function assertTemporaryDirectory() {
  try {
    mkdirSync(join(tmpdir(), `tsx-${process.geteuid?.()}`));
  } catch (error) {
    // Any other error is met, and told, by whoever needs such a file.
    if (error.code !== 'ENOENT') return;
    console.error(`There can be no temporary files in ${tmpdir()}: ${error.message}. Set TMPDIR to another directory.`);
    process.exit(couldNotRun);
  }
}

/** Nobody reads the output any more: the command is interrupted, as by a terminal that is closed, and removes what it started. */
function interrupt(error) {
  if (interrupted) return;
  interrupted = true;
  process.on('exit', () => {
    process.exitCode = couldNotRun;
  });
  const why =
    error.code === 'EPIPE' ? 'Nobody reads the output any more' : `The output cannot be written (${error.message})`;
  console.error(`${why}; the command was interrupted.`);
  const isHandled = process.emit('SIGHUP', 'SIGHUP');
  if (!isHandled) process.exit(couldNotRun);
}

const failWith = (remedies) => (error) => {
  const message = error instanceof Error ? error.message : String(error);
  const remedy = remedies[error?.code];
  const whole = error instanceof Error ? asWritten(inspect(error)) : message;
  const text =
    remedy === undefined
      ? `The command failed for a reason of its own, not of a backup: ${whole}`
      : `${remedy} (${message})`;
  // As src/terminal/printable.ts does: an error may quote what an argument or a database brings.
  console.error(text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, '\uFFFD'));
  process.exit(couldNotRun);
};

/**
 * Names places in bundled modules by the lines that they were written in. Node.js does so by itself (--enable-source-maps), and
 * reads the map of each module at its start for it.
 */
function asWritten(stack) {
  const maps = new Map();
  return stack.replace(/(file:\/\/[^\s()]+\.m?js):(\d+):(\d+)/g, (place, url, line, column) => {
    if (!maps.has(url)) maps.set(url, mapOf(url));
    const { originalSource, originalLine, originalColumn } = maps.get(url)?.findEntry(line - 1, column - 1) ?? {};
    return originalSource === undefined
      ? place
      : `${fileURLToPath(new URL(originalSource, url))}:${originalLine + 1}:${originalColumn + 1}`;
  });
}

function mapOf(url) {
  try {
    return new SourceMap(JSON.parse(readFileSync(fileURLToPath(`${url}.map`), 'utf8')));
  } catch {
    return null;
  }
}
