import { paceSettings } from '../postgres/pace-settings.ts';

/** Settings of another server, as far as this machine can have them. */
export interface FittedSettings {
  settings: Record<string, string>;
  /** In words: what was lowered, and why. */
  lowered: string[];
}

/** Shares of a machine's memory that a setting may take here, where tests, tools and the application run beside the server. */
const shares: Readonly<Record<string, number>> = {
  shared_buffers: 0.4,
  maintenance_work_mem: 0.1,
  work_mem: 0.02,
  wal_buffers: 0.02,
};

/**
 * Takes over the settings that bear on the time of a restore. A manifest can be written by anybody: no other one is taken, and
 * none whose value is not of the kind that a server shows. Pure.
 */
export function fitSettings(recorded: Readonly<Record<string, string>>, memoryBytes: number): FittedSettings {
  const settings: Record<string, string> = {};
  const lowered: string[] = [];
  for (const name of paceSettings) {
    const value = recorded[name];
    if (value === undefined || !plainValue.test(value)) continue;
    const most = Math.floor((memoryBytes * (shares[name] ?? Infinity)) / megabyte);
    const bytes = parseMemory(value);
    const isTooMuch = name in shares && bytes !== null && bytes > most * megabyte;
    settings[name] = isTooMuch ? `${most}MB` : value;
    if (isTooMuch)
      lowered.push(
        `${name} from ${value} to ${most}MB, for this machine has ${Math.round(memoryBytes / megabyte)} MB of memory`,
      );
  }
  return { settings, lowered };
}

const megabyte = 1024 ** 2;
const plainValue = /^-?[a-z0-9_.]{1,24}$/i;
const units: Readonly<Record<string, number>> = { B: 1, kB: 1024, MB: megabyte, GB: 1024 ** 3, TB: 1024 ** 4 };

/** As PostgreSQL shows memory: `128MB`. null for what is none. */
function parseMemory(value: string): number | null {
  const [, number, unit = ''] = /^(\d+)(B|kB|MB|GB|TB)$/.exec(value) ?? [];
  return number === undefined ? null : Number(number) * (units[unit] ?? 1);
}
