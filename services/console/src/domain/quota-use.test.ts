/** Use of the quota per second. */
import { type EventData, newEvent } from '@setlist/contracts';
import { describe, expect, it } from 'vitest';
import { QuotaWindow } from './quota-use.ts';

describe('quota', () => {
  const context = { source: 'dispatcher', now: new Date(0) } as const;
  const item = { set: 's', index: 0, attempt: 1 };
  const claimed = (hash: string, changes: Partial<EventData<'SoundClaimed'>> = {}) =>
    newEvent(
      'SoundClaimed',
      {
        hash,
        claim: 1,
        by: 'd1',
        until: new Date(0).toISOString(),
        for: item,
        operation: 'synthesize',
        lane: 'neural',
        expired: 0,
        because: 'new',
        ...changes,
      },
      context,
    );
  const started = (hash: string, taskId: string, changes: Partial<EventData<'SoundTaskStarted'>> = {}) =>
    newEvent(
      'SoundTaskStarted',
      {
        hash,
        claim: 1,
        by: 'd1',
        until: new Date(0).toISOString(),
        for: item,
        expired: 0,
        taskId,
        keyPrefix: `setlist/${hash}`,
        ...changes,
      },
      context,
    );
  const bought = (hash: string, how: 'synthesized' | 'task' | 'recovered' = 'synthesized') =>
    newEvent(
      'SoundPaid',
      {
        hash,
        claim: 1,
        by: 'd1',
        for: item,
        how,
        lane: 'neural',
        billedCharacters: 1,
        object: 'audio/a.mp3',
        contentType: 'audio/mpeg',
        bytes: 1,
        sha256: hash,
        durationMs: 1,
      },
      context,
    );
  const throttled = (hash: string, code = 'ThrottlingException') =>
    newEvent(
      'SoundFreed',
      {
        hash,
        claim: 1,
        by: 'd1',
        billed: false,
        reason: { code, message: 'm', remedy: 'r' },
      },
      context,
    );
  const hash = (n: number) => n.toString(16).padStart(64, '0');

  it('counts calls and throttles per second, and drops old ones', () => {
    const window = new QuotaWindow();
    for (const n of [1, 2, 3]) window.note(claimed(hash(n)), 10_000);
    window.note(bought(hash(1)), 11_200);
    window.note(bought(hash(2)), 11_900);
    window.note(throttled(hash(3)), 12_000);
    const { until, engines, dispatchers } = window.use(14_000, 5);
    expect(until).toBe(13);
    expect(engines).toEqual([
      { engine: 'neural', operation: 'synthesize', calls: [0, 0, 2, 0, 0], throttled: [0, 0, 0, 1, 0] },
    ]);
    expect(dispatchers).toEqual(['d1']);
    expect(window.use(14_000, 5, (setId) => setId !== 's').engines).toEqual([]);
    expect(window.use(10_000_000, 5).dispatchers).toEqual([]);
  });

  it('counts a task when it starts, whenever it ends and whoever takes it over', () => {
    const window = new QuotaWindow();
    const keyPrefix = `setlist/${hash(1)}`;
    for (const n of [1, 2]) {
      window.note(claimed(hash(n), { operation: 'task', lost: { keyPrefix } }), 10_000);
      window.note(started(hash(n), `task-${n}`), 10_000 + n * 1_000);
    }
    const renewed = { operation: 'task', lost: { keyPrefix, taskId: 'task-1' }, claim: 2 } as const;
    window.note(claimed(hash(1), renewed), 12_000);
    window.note(claimed(hash(1), { ...renewed, by: 'd2', because: 'expired', claim: 3 }), 13_000);
    window.note(started(hash(1), 'task-1', { by: 'd2', claim: 3 }), 13_000);
    window.note(bought(hash(1), 'recovered'), 14_000);
    window.note(bought(hash(2), 'task'), 14_000);
    const { engines, dispatchers } = window.use(16_000, 5);
    expect(engines).toEqual([
      { engine: 'neural', operation: 'task', calls: [1, 1, 0, 0, 0], throttled: [0, 0, 0, 0, 0] },
    ]);
    expect(dispatchers).toEqual(['d1', 'd2']);
  });

  it.each(['ThrottlingException', 'TooManyRequestsException', 'Throttling', 'SlowDown'])(
    'counts %s as a throttle',
    (code) => {
      const window = new QuotaWindow();
      window.note(claimed(hash(1)), 10_000);
      window.note(throttled(hash(1), code), 10_000);
      expect(window.use(12_000, 2).engines.map((each) => each.throttled)).toEqual([[1, 0]]);
    },
  );

  it('drops old counts even if nobody reads them', () => {
    const window = new QuotaWindow();
    for (const second of [0, 500, 2_000]) window.note(bought(hash(second % 7)), second * 1_000);
    expect(window.use(501_000, 600).engines.flatMap(({ calls }) => calls)).not.toContain(1);
  });
});
