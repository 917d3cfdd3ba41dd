import { resolve } from 'node:path';
import { absoluteOrigin, originForms } from '../backup/origin/origin.ts';
import { parseDuration } from '../config/duration.ts';
import { isImageName } from '../config/image-name.ts';
import { engineChoices } from '../config/engine-choices.ts';
import { parseMoment } from '../terminal/parse-moment.ts';
import { defaultProfile, findDefaultProfile } from '../terminal/default-profile.ts';
import { flagName } from '../terminal/suggest.ts';
import { OperationalError } from '../system/operational-error.ts';
import { redact } from '../system/redact.ts';

/** One flag, and with it its variable. */
export interface Flag<Value> {
  /** What stands for its value in the help; null for a flag that takes none. */
  readonly value: string | null;
  readonly help: string;
  /** Its variable is that of another command's flag, and means something else there. */
  readonly onlyTyped?: true;
  /** It may be given again and again; its values come as one text, with zero bytes between them. */
  readonly repeated?: true;
  /**
   * @param text what flag or variable say, null where neither is given
   * @throws OperationalError BAD_USAGE
   */
  readonly read: (text: string | null, key: string) => Value;
}

/** Flags by the names that our code has for them: `fromOffsite` is `--from-offsite` and REHEARSAL_FROM_OFFSITE. */
export type FlagTable = Readonly<Record<string, Flag<unknown>>>;

/** A flag without a value. */
export function toggle(help: string): Flag<boolean> {
  const read = (text: string | null, key: string) => {
    if (text === null || ['false', '0', 'no'].includes(text)) return false;
    if (['true', '1', 'yes'].includes(text)) return true;
    throw new OperationalError('BAD_USAGE', `${variableOf(key)} is "${text}"; it takes true or false.`);
  };
  return { value: null, help, read };
}

/** A flag without a value, whose variable would be another command's, or is better typed each time. */
export function typedToggle(help: string): Flag<boolean> {
  return { ...toggle(help), onlyTyped: true };
}

/** A flag without a value, whose variable can say no where something else says yes. */
export function optionalToggle(help: string): Flag<boolean | null> {
  const { value, read } = toggle(help);
  return { value, help, read: (text, key) => (text === null ? null : read(text, key)) };
}

/** Any text. */
export function text(value: string, help: string): Flag<string | null> {
  return { value, help, read: (given) => given };
}

function imageName(value: string, help: string): Flag<string | null> {
  const read = (given: string | null, key: string) => {
    if (given === null || isImageName(given)) return given;
    throw new OperationalError('BAD_USAGE', `${flagName(key)} takes the name of an image, not "${given}".`);
  };
  return { value, help, read };
}

/** Any text, of a flag whose variable is another command's. */
export function typedText(value: string, help: string): Flag<string | null> {
  return { ...text(value, help), onlyTyped: true };
}

/** Any texts, of a flag that may be given again and again. */
export function texts(value: string, help: string): Flag<string[]> {
  const read = (given: string | null) => given?.split('\0') ?? [];
  return { value, help, repeated: true, onlyTyped: true, read };
}

/** An address of HTTP. */
export function url(value: string, help: string): Flag<string | null> {
  const read = (given: string | null, key: string) => {
    if (given === null || /^https?:$/.test(parseUrl(given)?.protocol ?? '')) return given;
    const message = `${flagName(key)} takes a URL that starts with http:// or https://, not "${redact(given)}".`;
    throw new OperationalError('BAD_USAGE', message);
  };
  return { value, help, read };
}

function parseUrl(text: string): URL | null {
  return URL.canParse(text) ? new URL(text) : null;
}

/** A path, made absolute. */
export function path(value: string, help: string): Flag<string | null> {
  return { value, help, read: (given) => given && resolve(given) };
}

/** Where a backup is; see parseOrigin. A path becomes absolute. */
export function origin(help: string): Flag<string | null> {
  return {
    value: 'BACKUP',
    help: `${help}: ${originForms}`,
    read: (given) => given && absoluteOrigin(given, resolve()),
  };
}

/** Paths, made absolute, of a flag that may be given again and again. */
export function paths(value: string, help: string): Flag<string[]> {
  const { read, ...flag } = texts(value, help);
  return { ...flag, read: (given, key) => read(given, key).map((file) => resolve(file)) };
}

/** A path, of a flag whose variable would be another command's. */
export function typedPath(value: string, help: string): Flag<string | null> {
  return { ...path(value, help), onlyTyped: true };
}

/** Numbers of lines, each on its own or as `3-7`, of a flag that may be given again and again. */
export function lineNumbers(help: string): Flag<ReadonlySet<number>> {
  const { read, ...flag } = texts('N', help);
  const expand = (given: string, key: string): number[] => {
    const [, from = '', to = from] = /^([1-9]\d{0,6})(?:-([1-9]\d{0,6}))?$/.exec(given) ?? [];
    const length = Number(to) - Number(from) + 1;
    if (from !== '' && length >= 1) return Array.from({ length }, (_, index) => Number(from) + index);
    throw new OperationalError('BAD_USAGE', `${flagName(key)} takes a number of a line, or 3-7, not "${given}".`);
  };
  return { ...flag, read: (given, key) => new Set(read(given, key).flatMap((each) => expand(each, key))) };
}

/** A SHA-256, as the ledger has it. */
export function hash(help: string): Flag<string | null> {
  const read = (given: string | null, key: string) => {
    if (given === null || /^[0-9a-f]{64}$/.test(given)) return given;
    throw new OperationalError('BAD_USAGE', `${flagName(key)} takes a SHA-256 of 64 digits, not "${given}".`);
  };
  return { value: 'HASH', help, read };
}

/** A point in time; see parseMoment. */
export function moment(help: string): Flag<Date | null> {
  const read = (given: string | null, key: string) => {
    if (given === null) return null;
    const typed = parseMoment(given);
    if (typed !== null) return typed;
    const message = `${flagName(key)} takes a time like "2026-02-09 09:48:03+01:00" or 2026-02-09T09:48:03Z, not "${given}".`;
    throw new OperationalError('BAD_USAGE', message);
  };
  return { value: 'TIME', help, onlyTyped: true, read };
}

/** How long, in milliseconds; see parseDuration. */
export function duration(help: string): Flag<number | null> {
  const read = (given: string | null, key: string) => {
    const value = given === null ? null : parseDuration(given);
    if (given === null || value !== null) return value;
    throw new OperationalError('BAD_USAGE', `${flagName(key)} takes a time like 30m, 24h or 7d, not "${given}".`);
  };
  return { value: 'TIME', help, read };
}

/** Texts with commas between them. */
export function list(value: string, help: string): Flag<string[] | null> {
  const read = (given: string | null) => {
    const words = (given ?? '').split(',').map((word) => word.trim());
    return given === null ? null : words.filter((word) => word !== '');
  };
  return { value, help, read };
}

/** One of a few words, of a flag whose variable would mean something else. */
export function typedChoice<Choice extends string>(choices: readonly Choice[], value: string, help: string) {
  return { ...oneOf(choices, value, help), onlyTyped: true as const };
}

function oneOf<Choice extends string>(choices: readonly Choice[], value: string, help: string) {
  const read = (given: string | null, key: string): Choice | null => {
    const choice = choices.find((each) => each === given);
    if (choice !== undefined || given === null) return choice ?? null;
    const all = `${choices.slice(0, -1).join(', ')} or ${choices.at(-1) ?? ''}`;
    throw new OperationalError('BAD_USAGE', `There is no ${key} "${given}"; ${flagName(key)} takes ${all}.`);
  };
  return { value, help, read };
}

export function wholeNumber({ from, to, otherwise }: Record<'from' | 'to' | 'otherwise', number>, help: string) {
  const read = (given: string | null, key: string): number => {
    const number = Number(given ?? otherwise);
    if (Number.isInteger(number) && number >= from && number <= to) return number;
    const message = `${flagName(key)} takes a whole number from ${from} to ${to}, not "${given ?? ''}".`;
    throw new OperationalError('BAD_USAGE', message);
  };
  return { value: 'N', help, read };
}

/** The same, where nothing has to be said. */
export function optionalNumber({ from, to }: Record<'from' | 'to', number>, help: string): Flag<number | null> {
  const { value, read } = wholeNumber({ from, to, otherwise: from }, help);
  return { value, help, read: (given, key) => (given === null ? null : read(given, key)) };
}

const units = { kB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12 };

/** A number of bytes for people: `20GB`. */
export function size(help: string): Flag<number | null> {
  const read = (given: string | null, key: string) => {
    if (given === null) return null;
    const [, number = '', unit = ''] = /^(\d+(?:\.\d+)?) ?([kMGT]B)$/.exec(given) ?? [];
    const factor = units[unit as keyof typeof units] as number | undefined;
    if (factor !== undefined) return Math.round(Number(number) * factor);
    const message = `${flagName(key)} takes a size in kB, MB, GB or TB, like 20GB, not "${given}".`;
    throw new OperationalError('BAD_USAGE', message);
  };
  return { value: 'SIZE', help, read };
}

/** The profile, which every command takes. */
export const config: Flag<string> = {
  value: 'FILE',
  help: `profile; default: ${defaultProfile} here or in a directory above`,
  read: (given) => (given === null ? findDefaultProfile() : resolve(given)),
};

/** Where rehearsals run and leave their evidence, for commands that run them or look at what they need. */
export const ofRehearsals = {
  engine: (help: string) => oneOf(engineChoices, 'NAME', help),
  image: imageName('IMAGE', 'image for the docker engine, in place of the profile’s'),
  reports: path('DIR', 'where evidence goes, in place of the profile’s directory'),
};

/** `fromOffsite` has the variable REHEARSAL_FROM_OFFSITE. */
export function variableOf(key: string): string {
  return `REHEARSAL_${flagName(key).slice(2).toUpperCase().replaceAll('-', '_')}`;
}
