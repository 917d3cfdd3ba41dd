import { SourceMap, type SourceMapPayload } from 'node:module';

/** Where a profile that threw did so: the first line of its own in the stack, counted from 1; null where none is there. */
interface Place {
  line: number;
  column: number;
}

/** Of a profile that was loaded by itself, as the text of an address. Pure. */
export function placeInAlone(error: unknown, map: SourceMapPayload | undefined): Place | null {
  const place = frameOf(error, /data:text\/javascript;base64,[\w+/=]+:(\d+):(\d+)/);
  if (place === null || map === undefined) return null;
  const found = new SourceMap(map).findEntry(place.line - 1, place.column - 1);
  return 'originalLine' in found ? { line: found.originalLine + 1, column: found.originalColumn + 1 } : null;
}

/** Of a profile that was loaded from its file. Pure. */
export function placeInFile(error: unknown, path: string, text: string): Place | null {
  const escaped = path.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&');
  const place = frameOf(error, new RegExp(`${escaped}(?:\\?[^:\\s)]*)?:(\\d+):(\\d+)`));
  // tsx writes all of a file into one line: the first line is that one, where nothing has undone it.
  return place !== null && place.line > 1 ? place : placeOfImport(error, text);
}

/** What cannot be found has no stack: it stands where it is named. */
function placeOfImport(error: unknown, text: string): Place | null {
  const [, name = ''] = /^Cannot find (?:package|module) '([^']+)'/.exec(messageOf(error)) ?? [];
  const at = name === '' ? -1 : Math.max(text.indexOf(`'${name}'`), text.indexOf(`"${name}"`));
  if (at === -1) return null;
  const before = text.slice(0, at).split('\n');
  return { line: before.length, column: (before.at(-1) ?? '').length + 1 };
}

function frameOf(error: unknown, pattern: RegExp): Place | null {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  // The message, which stands first, may hold anything.
  const [, line, column] = pattern.exec(stack.slice(stack.indexOf('\n    at '))) ?? [];
  return line === undefined || column === undefined ? null : { line: Number(line), column: Number(column) };
}

/** `line 3, column 8: it is not there`; of a long message, what says why. Pure. */
export function withPlace(error: unknown, place: Place | null): string {
  // Node.js adds which files have asked for a module: that is this one.
  const message = messageOf(error).replace(/\nRequire stack:[^]*$/, '');
  return place === null ? message : `line ${place.line}, column ${place.column}: ${message}`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
