import { describe, expect, test } from 'vitest';
import { omit, plainSnapshot } from '../../fixtures/testing/one-difference.ts';
import { OperationalError } from '../system/operational-error.ts';
import { assertNotNewer, parseManifest, serializeManifest, type Manifest } from './manifest.ts';

const manifest: Manifest = {
  schemaVersion: 1,
  database: 'shop',
  takenAt: '2026-02-09T09:48:03.000Z',
  sha256: 'a'.repeat(64),
  bytes: 1,
  format: 'custom',
  serverVersion: '16.2',
  dumpVersion: '16.2',
  ownership: 'preserve',
  globals: null,
  snapshot: { ...plainSnapshot, denied: [] },
};
const seen = omit(plainSnapshot.state, ['SUBSCRIPTION', 'ROLE']);

type Json = Record<string, unknown> & {
  snapshot: Record<string, unknown> & { state: object; tables: object[]; schema: Record<string, object> };
};

/** What another release writes. */
function written(change: (json: Json) => void): string {
  const json = JSON.parse(serializeManifest(manifest)) as Json;
  change(json);
  return JSON.stringify(json);
}

function read(text: string): Manifest {
  const parsed = parseManifest(text);
  if ('invalid' in parsed) throw new Error(parsed.invalid);
  return parsed;
}

test('comes back as it was written', () => {
  expect(parseManifest(serializeManifest(manifest))).toEqual(manifest);
});

describe('of a newer release', () => {
  test.each<[string, (json: Json) => void, string]>([
    [
      'a category of state',
      ({ snapshot }) => Object.assign(snapshot.state, { STATISTICS: { users: '1' } }),
      'snapshot.state.STATISTICS',
    ],
    ['something of the backup', (json) => Object.assign(json, { keyId: 'k1' }), 'keyId'],
    ['something of the moment', ({ snapshot }) => Object.assign(snapshot, { clock: '1' }), 'snapshot.clock'],
    [
      'something of each table',
      ({ snapshot }) => snapshot.tables.map((table) => Object.assign(table, { sizeBytes: 8192 })),
      'snapshot.tables.sizeBytes',
    ],
    [
      'something of each definition',
      ({ snapshot }) => Object.values(snapshot.schema).map((entry) => Object.assign(entry, { oid: 7 })),
      'snapshot.schema.oid',
    ],
  ])('is read for what is known, and says what is not: %s', (_what, change, name) => {
    expect(parseManifest(written(change))).toEqual({
      ...manifest,
      snapshot: { ...manifest.snapshot, unknown: [name] },
    });
  });

  test('loses what is not known where it is written again', () => {
    const newer = read(written((json) => Object.assign(json, { keyId: 'k1' })));
    expect(serializeManifest(newer)).toBe(serializeManifest(manifest));
  });

  test.each<[string, (json: Json) => void, string]>([
    ['digests', ({ snapshot }) => Object.assign(snapshot, { digestVersion: 3 }), 'its digests are of version 3'],
    ['another form', (json) => Object.assign(json, { schemaVersion: 2, snapshot: {} }), 'its schemaVersion is 2'],
  ])('with %s that are not known is refused with what to do', (_what, change, reason) => {
    const parsed = parseManifest(written(change));
    const invalid = `${reason}: a newer release wrote it, so update restore-rehearsal here`;
    expect(parsed).toEqual({ invalid, isNewer: true });
    expect(() => {
      assertNotNewer(parsed, 'shop.json');
    }).toThrow(new OperationalError('MANIFEST_TOO_NEW', `The manifest shop.json cannot be read: ${invalid}.`));
  });

  test.each<[string, (json: Json) => void, string]>([
    ['a value of another type', (json) => Object.assign(json, { bytes: 'many' }), 'bytes: '],
    [
      'a table without a name',
      ({ snapshot }) => Object.assign(snapshot, { tables: [{ kind: 'table' }] }),
      'snapshot.tables.0.name: ',
    ],
    ['an unknown key beside it', (json) => Object.assign(json, { keyId: 'k1', bytes: 0 }), 'bytes: '],
  ])('is not what is damaged: %s', (_what, change, reason) => {
    const parsed = parseManifest(written(change));
    expect(parsed).toEqual({ invalid: expect.stringContaining(reason) as string, isNewer: false });
    expect(() => {
      assertNotNewer(parsed, 'shop.json');
    }).not.toThrow();
  });

  test.each(['', '{"schemaVersion": 1, "database', 'null', '[]', '7', '"text"'])('is not %j', (text) => {
    expect(parseManifest(text)).toMatchObject({ isNewer: false });
  });
});

describe('of an older release', () => {
  test('says nothing of what was denied: what it does not hold, of what that release knew, was', () => {
    const older = (ownership: string) =>
      read(
        written((json) => {
          json['ownership'] = ownership;
          json.snapshot.state = seen;
        }),
      ).snapshot.denied;
    expect(older('preserve')).toEqual(['SUBSCRIPTION', 'ROLE']);
    expect(older('runbook')).toEqual(['SUBSCRIPTION']);
  });

  test('can read what this one writes: no key is new, not even where something was denied', () => {
    const denied: Manifest = {
      ...manifest,
      snapshot: { ...manifest.snapshot, state: seen, denied: ['SUBSCRIPTION', 'ROLE'] },
    };
    const { snapshot, ...rest } = JSON.parse(serializeManifest(denied)) as Json;
    expect(Object.keys(rest).toSorted()).toEqual([
      ...['bytes', 'database', 'dumpVersion', 'format', 'globals', 'ownership', 'schemaVersion'],
      ...['serverVersion', 'sha256', 'takenAt'],
    ]);
    expect(Object.keys(snapshot).toSorted()).toEqual([
      ...['digestVersion', 'largeObjects', 'schema', 'sequences', 'state', 'tables'],
    ]);
    expect(read(serializeManifest(denied))).toEqual(denied);
  });
});
