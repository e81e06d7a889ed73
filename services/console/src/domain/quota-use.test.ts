/** Use of the quota per second. */
import { newEvent } from '@setlist/contracts';
import { describe, expect, it } from 'vitest';
import { QuotaWindow } from './quota-use.ts';

describe('quota', () => {
  const context = { source: 'dispatcher', now: new Date(0) } as const;
  const item = { set: 's', index: 0, attempt: 1 };
  const claimed = (hash: string) =>
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
      },
      context,
    );
  const bought = (hash: string) =>
    newEvent(
      'SoundPaid',
      {
        hash,
        claim: 1,
        by: 'd1',
        for: item,
        how: 'synthesized',
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
  const throttled = (hash: string) =>
    newEvent(
      'SoundFreed',
      {
        hash,
        claim: 1,
        by: 'd1',
        billed: false,
        reason: { code: 'ThrottlingException', message: 'm', remedy: 'r' },
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

  it('drops old counts even if nobody reads them', () => {
    const window = new QuotaWindow();
    for (const second of [0, 500, 2_000]) window.note(bought(hash(second % 7)), second * 1_000);
    expect(window.use(501_000, 600).engines.flatMap(({ calls }) => calls)).not.toContain(1);
  });
});
