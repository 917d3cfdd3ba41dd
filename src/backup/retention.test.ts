import fc from 'fast-check';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { countBackups, dayOf, nameDay, type BackupFacts } from './daily-backups.ts';
import { planRetention, type RetentionPolicy } from './retention.ts';
import { retentionWarnings } from './retention-warnings.ts';

const dayMs = 24 * 60 * 60_000;
const now = new Date('2026-02-09T12:00:00Z');
const commands = { backup: 'npm run backup', offsite: 'npm run offsite' };
const policy: RetentionPolicy = { keepDaily: 7, pruneAfterMs: 7 * dayMs, destination: 'remote:backups', commands };

/** A whole backup that is off-host, of a time like `2026-02-09T03:00`. */
function backup(time: string, changes: Partial<BackupFacts> = {}): BackupFacts {
  const takenAt = new Date(`${time}:00Z`);
  return { stem: time, takenAt, problem: null, sha256: `sum of ${time}`, copiedTo: policy.destination, ...changes };
}

/** One at three o'clock in the morning of each of the last days, today's first. */
function nightly(days: number, changes: Partial<BackupFacts> = {}): BackupFacts[] {
  return Array.from({ length: days }, (_, index) => backup(`${nameDay(dayOf(now) - index)}T03:00`, changes));
}

function plan(backups: BackupFacts[], changes: Partial<RetentionPolicy> = {}): Record<string, string> {
  const decisions = planRetention(backups, { ...policy, ...changes }, now);
  return Object.fromEntries(decisions.map(({ backup: { stem }, action, reason }) => [stem, `${action}: ${reason}`]));
}

const pruned = (backups: BackupFacts[], changes: Partial<RetentionPolicy> = {}) =>
  Object.entries(plan(backups, changes)).flatMap(([stem, decision]) => (decision.startsWith('prune') ? [stem] : []));

describe('backups of single days', () => {
  // Where it is tomorrow already for half of each day.
  test.each(['Pacific/Auckland', 'America/Los_Angeles', 'UTC'])('are those of UTC, with clocks set to %s', (zone) => {
    vi.stubEnv('TZ', zone);
    onTestFinished(() => {
      vi.unstubAllEnvs();
    });
    expect(new Date(2026, 1, 9).getTimezoneOffset() === 0).toBe(zone === 'UTC');
    const around = ['2026-02-07T23:59', '2026-02-08T00:00', '2026-02-08T11:30', '2026-02-08T23:59', '2026-02-09T00:00'];
    expect(around.map((time) => nameDay(dayOf(new Date(`${time}:00Z`))))).toEqual(
      around.map((time) => time.slice(0, 10)),
    );
    const { daily } = countBackups(
      around.map((time) => backup(time)),
      now,
    );
    expect([...daily.values()].map(({ stem }) => stem)).toEqual([
      '2026-02-09T00:00',
      '2026-02-08T23:59',
      '2026-02-07T23:59',
    ]);
  });

  test('stay for a week, and go then when they are off-host', () => {
    expect(plan(nightly(10))).toEqual({
      '2026-02-09T03:00': 'keep: daily backup 1 of 7',
      '2026-02-08T03:00': 'keep: daily backup 2 of 7',
      '2026-02-07T03:00': 'keep: daily backup 3 of 7',
      '2026-02-06T03:00': 'keep: daily backup 4 of 7',
      '2026-02-05T03:00': 'keep: daily backup 5 of 7',
      '2026-02-04T03:00': 'keep: daily backup 6 of 7',
      '2026-02-03T03:00': 'keep: daily backup 7 of 7',
      '2026-02-02T03:00': 'prune: older than 7 days, and copied off-host',
      '2026-02-01T03:00': 'prune: older than 7 days, and copied off-host',
      '2026-01-31T03:00': 'prune: older than 7 days, and copied off-host',
    });
  });

  test('stay however old while there are no newer ones', () => {
    expect(pruned(nightly(60).slice(53))).toEqual([]);
    expect(pruned(nightly(60).slice(52))).toHaveLength(1);
  });

  test('stay until they are old enough', () => {
    expect(plan([...nightly(7), backup('2026-02-02T12:00')])['2026-02-02T12:00']).toBe('keep: not older than 7 days');
    expect(plan([...nightly(7), backup('2026-02-02T11:59')])['2026-02-02T11:59']).toMatch(/^prune: older/);
  });

  test.each([
    ['without a receipt', null],
    ['whose copy is elsewhere', 'other:backups'],
  ])('%s stay, with the next step', (_, copiedTo) => {
    const old = backup('2026-01-01T03:00', { copiedTo });
    expect(plan([...nightly(7), old])[old.stem]).toBe(
      'keep: older than 7 days, but not proven to be off-host: npm run offsite',
    );
  });

  test('stay where what is off-host is in doubt, and the reason says what of it', () => {
    const what = 'its copy off-host is damaged: npm run offsite';
    const old = backup('2026-01-01T03:00', { copyDoubt: { what, isLost: true } });
    expect(plan([...nightly(7), old])[old.stem]).toBe(`keep: older than 7 days, but ${what}`);
  });

  test('all stay where the profile names no destination', () => {
    for (const copiedTo of ['remote:backups', null]) {
      expect(pruned(nightly(20, { copiedTo }), { destination: null })).toEqual([]);
    }
    expect(plan(nightly(8), { destination: null })['2026-02-02T03:00']).toBe(
      'keep: older than 7 days, but no copy is proven to be off-host',
    );
    expect(retentionWarnings(nightly(20), { ...policy, destination: null }, now)).toEqual([
      expect.stringContaining('backups.offsite'),
    ]);
  });
});

describe('several backups of a day', () => {
  test('thin out to the newest when the day is over', () => {
    const several = ['T01:00', 'T13:00', 'T23:59'].map((time) => backup(`2026-02-08${time}`));
    expect(plan(several)).toEqual({
      '2026-02-08T23:59': 'keep: daily backup 1 of 7',
      '2026-02-08T13:00': 'prune: the day has a newer one, 2026-02-08T23:59, and copied off-host',
      '2026-02-08T01:00': 'prune: the day has a newer one, 2026-02-08T23:59, and copied off-host',
    });
  });

  test('thin out to one where they are of one moment, whichever is read first', () => {
    const [first, second] = ['first', 'second'].map((stem) => backup('2026-02-08T03:00', { stem, sha256: stem }));
    for (const several of [
      [first, second],
      [second, first],
    ] as BackupFacts[][]) {
      expect(planRetention(several, policy, now)).toEqual([
        { backup: second, action: 'keep', reason: 'daily backup 1 of 7' },
        { backup: first, action: 'prune', reason: 'the day has a newer one, second, and copied off-host' },
      ]);
    }
  });

  test('stay where they are of today, or not off-host', () => {
    const several = [
      backup('2026-02-09T11:00'),
      backup('2026-02-09T10:00'),
      backup('2026-02-08T11:00'),
      backup('2026-02-08T10:00', { copiedTo: null }),
    ];
    expect(plan(several)).toMatchObject({
      '2026-02-09T10:00': 'keep: of today',
      '2026-02-08T10:00': expect.stringMatching(/^keep: .*npm run offsite$/) as string,
    });
  });
});

describe('what is not a whole backup of a time that has been', () => {
  const odd = [
    backup('2026-02-10T03:00'),
    backup('2026-02-08T04:00', { problem: 'no manifest' }),
    backup('2025-01-01T03:00', { problem: 'no dump', sha256: null }),
  ];

  test('stays, and does not count', () => {
    expect(pruned([...odd, ...nightly(7)])).toEqual([]);
    expect(plan(odd)).toEqual({
      '2026-02-10T03:00': expect.stringMatching(/^keep: of a time still to come/) as string,
      '2026-02-08T04:00': 'keep: no manifest',
      '2025-01-01T03:00': 'keep: no dump',
    });
  });

  test('is warned of', () => {
    expect(retentionWarnings(odd, policy, now)).toEqual([
      expect.stringMatching(/no whole backup/),
      expect.stringMatching(/1 of the backups .* it is 2026-02-09T12:00:00.000Z/),
    ]);
  });
});

test('a backup of this very moment counts, and is not of a time still to come', () => {
  const ofNow = backup('2026-02-09T12:00');
  expect(plan([ofNow])).toEqual({ '2026-02-09T12:00': 'keep: daily backup 1 of 7' });
  expect(retentionWarnings([ofNow], policy, now)).toEqual([]);
});

describe('the same dump under several names', () => {
  const sha256 = 'the same';

  test('counts as one, the older', () => {
    const same = [backup('2026-02-09T05:00', { sha256 }), backup('2026-02-08T05:00', { sha256 })];
    expect(plan(same)).toEqual({
      '2026-02-09T05:00': 'keep: of today',
      '2026-02-08T05:00': 'keep: daily backup 1 of 7',
    });
    const ofOneDay = [backup('2026-02-08T06:00', { sha256 }), backup('2026-02-08T05:00', { sha256 })];
    expect(plan(ofOneDay)).toEqual({
      '2026-02-08T06:00': 'keep: the same dump as 2026-02-08T05:00, not older than 7 days',
      '2026-02-08T05:00': 'keep: daily backup 1 of 7',
    });
    expect(pruned([...ofOneDay, backup('2026-02-08T07:00')])).toEqual(['2026-02-08T06:00', '2026-02-08T05:00']);
  });

  test('is off-host where one of them is', () => {
    const same = ['2026-01-03T05:00', '2026-01-02T05:00'].map((time) => backup(time, { sha256, copiedTo: null }));
    expect(pruned([...nightly(7), ...same])).toEqual([]);
    expect(pruned([...nightly(7), ...same.slice(1), backup('2026-01-03T05:00', { sha256 })])).toHaveLength(2);
  });

  test('is off-host where the copy of one is in doubt, and that of another is not', () => {
    const copyDoubt = { what: 'damaged', isLost: true };
    const same = [backup('2026-01-03T05:00', { sha256, copyDoubt }), backup('2026-01-02T05:00', { sha256 })];
    expect(pruned([...nightly(7), ...same])).toHaveLength(2);
  });

  test('stays under its oldest name as long as under its newest, and under no name between', () => {
    const times = ['2026-02-09T05:00', '2026-01-02T05:00', '2026-01-01T05:00'];
    expect(plan([...nightly(7), ...times.map((time) => backup(time, { sha256 }))])).toMatchObject({
      '2026-02-09T05:00': 'keep: of today',
      '2026-01-02T05:00': 'prune: the same dump as 2026-01-01T05:00, older than 7 days, and copied off-host',
      '2026-01-01T05:00': 'keep: the same dump stays under a newer name',
    });
  });

  test('stays as long as one of them does', () => {
    const same = [backup('2026-02-09T05:00', { sha256 }), backup('2026-01-01T05:00', { sha256 })];
    expect(plan([...nightly(7), ...same])['2026-01-01T05:00']).toBe('keep: the same dump stays under a newer name');
  });
});

describe('days without a backup', () => {
  test('are said, up to yesterday', () => {
    const backups = [backup('2026-02-07T03:00'), backup('2026-02-06T03:00'), backup('2026-02-02T03:00')];
    expect(retentionWarnings(backups, policy, now)).toEqual([
      'There is no backup of 2026-02-08.',
      'There is no backup of 3 days: 2026-02-03 to 2026-02-05.',
    ]);
  });

  test('are not said of times before the daily ones, nor of today', () => {
    const backups = [...nightly(8).slice(1), backup('2025-01-01T03:00')];
    expect(retentionWarnings(backups, policy, now)).toEqual([]);
  });
});

/** REHEARSAL_TEST_RETENTION_RUNS=1000000 npx vitest run --project tests src/backup/retention.test.ts */
const numRuns = Number(process.env['REHEARSAL_TEST_RETENTION_RUNS'] ?? 100_000);

describe('for any history of backups', () => {
  // One number a backup is cheap to draw a hundred thousand times. Times are on a coarse grid around now, so that days hold
  // several and some are still to come; sums are few, so that some are equal.
  const number = fc.nat({ max: 70 * 8 * 40 * 4 - 1 });
  const decode = (value: number): BackupFacts => {
    const [hours, whole, sum, copy] = [
      value % 70,
      Math.floor(value / 70) % 8,
      Math.floor(value / 560) % 40,
      Math.floor(value / 22_400),
    ];
    const takenAt = new Date(now.getTime() - (hours - 9) * 5 * 60 * 60_000);
    return {
      stem: `${hours}`,
      takenAt,
      problem: whole === 0 ? 'no manifest' : null,
      sha256: whole === 1 ? null : `sum ${sum}`,
      copiedTo: [null, 'elsewhere'][copy] ?? 'remote:backups',
    };
  };
  const history = fc
    .uniqueArray(number, { maxLength: 20, size: 'max', selector: (value) => value % 70 })
    .map((numbers) => numbers.map(decode));
  const policies = fc.nat({ max: 8 * 12 * 8 - 1 }).map((value) => ({
    keepDaily: 1 + (value % 8),
    pruneAfterMs: (1 + (Math.floor(value / 8) % 12)) * dayMs,
    destination: value < 96 ? null : 'remote:backups',
    commands,
  }));

  test('the rules hold', () => {
    let prunedInAll = 0;
    fc.assert(
      fc.property(history, policies, fc.integer(), (backups, random, seed) => {
        const decisions = planRetention(backups, random, now);
        const stay = decisions.flatMap(({ backup: one, action }) => (action === 'keep' ? [one] : []));
        const go = decisions.flatMap(({ backup: one, action }) => (action === 'prune' ? [one] : []));
        prunedInAll += go.length;
        const before = countBackups(backups, now);
        const after = countBackups(stay, now);
        must(stay.length + go.length === backups.length, 'every backup has one decision');
        must(
          decisions.every(({ reason }) => reason !== ''),
          'every decision has a reason',
        );
        must(
          after.daily.size >= Math.min(random.keepDaily, before.daily.size),
          'the days that have to be kept have a whole backup',
        );
        const newest = [...before.daily.values()].slice(0, random.keepDaily);
        must(
          newest.every((one) => stay.includes(one)),
          'the newest backup of each of these days stays',
        );
        const copied = new Set(backups.flatMap((one) => (one.copiedTo === random.destination ? [one.sha256] : [])));
        for (const one of go) {
          must(random.destination !== null && copied.has(one.sha256), 'nothing goes that is not off-host');
          must(one.problem === null && one.sha256 !== null, 'half sets stay');
          must(one.takenAt <= now, 'backups of the future stay');
          const isOld = now.getTime() - one.takenAt.getTime() > random.pruneAfterMs;
          const day = dayOf(one.takenAt);
          must(
            isOld || (day !== dayOf(now) && after.daily.has(day)),
            'what is young goes only where its day keeps one',
          );
        }
        must(
          planRetention(stay, random, now).every(({ action }) => action === 'keep'),
          'planning again prunes nothing more',
        );
        const shuffled = shuffle(backups, seed);
        must(
          planRetention(shuffled, random, now).every(
            ({ backup: one, action, reason }, index) =>
              one === decisions[index]?.backup &&
              action === decisions[index].action &&
              reason === decisions[index].reason,
          ),
          'the order of the backups plays no part',
        );
      }),
      { numRuns },
    );
    // A plan that prunes nothing would keep most of these rules.
    expect(prunedInAll).toBeGreaterThan(numRuns / 2);
  });
});

/** A hundred thousand histories have no time for `expect`. */
function must(holds: boolean, rule: string): void {
  if (!holds) throw new Error(`broken: ${rule}`);
}

function shuffle<T>(list: T[], seed: number): T[] {
  return list
    .map((item, index) => ({ item, key: Math.imul(seed + index, 0x9e3779b1) }))
    .toSorted((a, b) => a.key - b.key)
    .map(({ item }) => item);
}
