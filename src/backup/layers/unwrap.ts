import { readdir } from 'node:fs/promises';
import type { BackupFinding } from '../format/backup-finding.ts';
import { describeCluster } from '../format/cluster-dump.ts';
import { findDisguised, nameForeign } from '../format/foreign.ts';
import { nameDirectory } from '../format/foreign-directory.ts';
import { recogniseFormat } from '../format/formats.ts';
import { noKeys } from '../encryption/keys.ts';
import type { Opened } from '../encryption/opened.ts';
import { isReadByPath } from './is-read-by-path.ts';
import { packedTwice } from './layer-findings.ts';
import type { Layer, ReadLimits } from './layer.ts';
import { recogniseLayer } from './layers.ts';
import { Place, type Inside } from './place.ts';

/** What was found under all layers. */
export interface Unwrapped {
  inside: Inside;
  /** From the outermost to the innermost. */
  layers: Layer[];
  /** Which keys have opened it, of what was encrypted. */
  opened: Opened[];
  /** What has to be mended about the file. */
  warnings: BackupFinding[];
  /** Why this is no dump, or none that is whole; null for one that can be opened. */
  wrong: BackupFinding | null;
}

/** Nobody packs more often; an archive could hold itself. */
const mostLayers = 6;

/**
 * Undoes what is around a dump, layer by layer, in private copies: the file itself stays as it is.
 * @param directory a private one
 * @throws OperationalError BACKUP_CHANGED, DISK_FULL, TOOL_NOT_STARTED, TOOL_TIMED_OUT or INTERRUPTED
 */
export async function unwrap(dump: Inside, directory: string, limits: ReadLimits): Promise<Unwrapped> {
  const place = await Place.open(directory, limits.signal);
  const unwrapped: Unwrapped = { inside: dump, layers: [], opened: [], warnings: [], wrong: null };
  for (;;) {
    const { inside, layers, warnings } = unwrapped;
    const wrong = inside.isDirectory ? await findWrongDirectory(inside) : await findWrong(inside);
    if (wrong !== null) return { ...unwrapped, wrong };
    const layer = inside.isDirectory ? null : recogniseLayer(inside.head);
    if (layer === null) return { ...unwrapped, warnings: [...warnings, ...findRepeated(layers)] };
    if (layers.length === mostLayers) return { ...unwrapped, wrong: nameForeign(inside.head) };
    const undone = await layer.undo(inside, place, { keys: noKeys(directory), ...limits });
    layers.push(layer);
    if ('wrong' in undone) return { ...unwrapped, wrong: undone.wrong };
    warnings.push(...undone.warnings);
    if (undone.opened !== undefined) unwrapped.opened.push(undone.opened);
    unwrapped.inside = isReadByPath(undone.inside.head) ? { ...undone.inside, seal: null } : undone.inside;
  }
}

async function findWrong(inside: Inside): Promise<BackupFinding | null> {
  const { head } = inside;
  const disguised = findDisguised(head);
  if (disguised !== null) return disguised.rule === 'DUMP_OF_CLUSTER' ? describeCluster(inside, disguised) : disguised;
  if (recogniseLayer(head) !== null || recogniseFormat({ head, isDirectory: false }) !== null) return null;
  // Of an archive that was cut in its first bytes, pg_restore says so.
  return 'PGDMP'.startsWith(head.toString('latin1', 0, 5)) ? null : nameForeign(head);
}

async function findWrongDirectory({ file, head }: Inside): Promise<BackupFinding | null> {
  return head.length > 0 ? findDisguised(head) : nameDirectory(await readdir(file));
}

/** Two compressions, one within the other. */
function findRepeated(layers: Layer[]): BackupFinding[] {
  const compressions = layers.map(({ tells }) => tells).filter((tells) => tells.startsWith('compressed with '));
  return compressions.length < 2 ? [] : [packedTwice(compressions)];
}
