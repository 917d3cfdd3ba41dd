import { imageMajor } from '../../../postgres/image-major.ts';
import { majorVersion } from '../../../postgres/version.ts';
import { createRole } from '../../../postgres/database.ts';
import { countObjects } from '../../../restore/count-objects.ts';
import { basename } from 'node:path';
import { paceOfBackup } from '../../pace.ts';
import { chooseImage } from '../../choose-image.ts';
import type { Drill } from '../../drill.ts';
import { assertRoomFor } from '../../room.ts';
import type { Say } from '../../step.ts';
import type { ChosenBackup } from '../select-backup.ts';
import { detectOrNewer } from './detect.ts';
import { startServed } from './start-served.ts';

/**
 * Starts a server for a backup.
 * @param target image, and the major that is preferred of this machine's programs: null for the newest
 */
export async function startForDump(
  drill: Drill,
  backup: ChosenBackup,
  say: Say,
  target: { image: string; major: number | null | undefined },
) {
  const { postgres } = drill.profile;
  const { extensions, databaseOptions } = await readOutline(backup);
  const major = target.major ?? imageMajor(target.image) ?? 0;
  const image = await chooseImage(drill, target.image, major, extensions);
  const recorded = backup.examination.manifest?.paceSettings ?? null;
  const pace = paceOfBackup(drill, recorded, basename(backup.set.dump));
  const engine = await detectOrNewer(drill, say, { ...postgres, image }, target.major);
  const room = await assertRoomFor(drill, engine, backup, say);
  const needs = { objects: await countObjects(backup) };
  const { served, contribution } = await startServed(drill, say, engine, needs, pace, createRole);
  const facts = {
    ...contribution.facts,
    ...room,
    extensions: extensions.join(', ') || 'none',
    locale: describeLocale(databaseOptions),
  };
  return {
    started: { contribution: { ...contribution, facts }, extensions, made: served },
    major: majorVersion(served.server.serverVersion),
  };
}

/** What is damaged says so when it is examined. */
async function readOutline({ examination, format, dump }: ChosenBackup) {
  const outline = examination.findings.length > 0 ? null : await format.outline(dump);
  return outline ?? { extensions: [], databaseOptions: {} };
}

/** For people: `UTF8, de_DE.UTF-8`. */
function describeLocale(options: Record<string, string>): string {
  const { encoding, locale, lc_collate: collate, icu_locale: icu, builtin_locale: builtin } = options;
  const named = [encoding, icu ?? builtin ?? collate ?? locale].filter((name) => name !== undefined);
  return named.join(', ') || 'the dump does not say';
}
