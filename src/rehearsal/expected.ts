import type { DumpedContents } from '../postgres/plain-dump-contents.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';

/** What a backup has to hold, and who says so. */
export type Expected =
  /** The manifest, with a snapshot of the source that was taken in the moment of the dump. */
  | {
      by: 'manifest';
      snapshot: Snapshot;
      /** Version of the server that it was taken from; null where it is this very server. */
      serverVersion: string | null;
    }
  /** The dump itself: all that is known without a manifest. */
  | { by: 'dump'; contents: DumpedContents };

/** The snapshot that the manifest holds, if there is one. Pure. */
export function snapshotOf(expected: Expected): Snapshot | null {
  return expected.by === 'manifest' ? expected.snapshot : null;
}
