/** Histories of payments, and what they add up to in a month. */
import { EVENTS, type EventData, type EventName, newEvent } from '@setlist/contracts';
import { expect, it } from 'vitest';
import { Spending } from './spending.ts';

const HASH = 'a'.repeat(64);
const at = (day: string) => new Date(`2026-${day}T12:00:00Z`);

function event<N extends EventName>(name: N, data: unknown, setId: string, time: Date) {
  const context = { source: EVENTS[name].by[0], now: time, setId };
  return { event: newEvent(name, data as EventData<N>, context), time };
}

const accepted = (setId: string, time: Date, changes: Partial<EventData<'SetAccepted'>> = {}) =>
  event(
    'SetAccepted',
    {
      run: '20261122t205012-k3f9q2',
      set: { name: setId, location: '/out', notify: [] },
      source: { uri: 'file:///a.yml', bytes: 1, sha256: HASH, keptAs: 'setfiles/a.yml' },
      prefix: setId,
      output: 'file:///out',
      provider: 'polly',
      itemCount: 2,
      lanes: [{ lane: 'neural', items: 2, billedCharacters: 1_000 }],
      billedCharacters: 1_000,
      estimatedUsd: '0.016',
      usdPerMillion: { neural: '16' },
      priority: 'normal',
      compat: false,
      warnings: 0,
      ...changes,
    },
    setId,
    time,
  );

const counts = { total: 2, completed: 2, failed: 0, paid: 2, reused: 0, recovered: 0 };
const cancelled = (setId: string, time: Date) =>
  event(
    'SetCancelled',
    { set: { name: setId, location: '/out', notify: [] }, who: 'jane', afterSeq: 1, counts },
    setId,
    time,
  );

const paid = (
  set: string | undefined,
  billedCharacters: number,
  time: Date,
  changes: Partial<EventData<'SoundPaid'>> = {},
) =>
  event(
    'SoundPaid',
    {
      hash: HASH,
      claim: 1,
      by: 'test',
      ...(set && { for: { set, index: 0, attempt: 1 } }),
      how: set ? 'synthesized' : 'adopted',
      lane: 'neural',
      billedCharacters,
      object: 'audio/a.mp3',
      contentType: 'audio/mpeg',
      bytes: 1,
      sha256: HASH,
      durationMs: 1,
      ...changes,
    },
    set ?? '',
    time,
  );

const claimed = (set: string, hash: string, until: Date, operation: 'synthesize' | 'task') =>
  event(
    'SoundClaimed',
    {
      ...{ hash, claim: 1, by: 'test', until: until.toISOString(), for: { set, index: 0, attempt: 1 } },
      ...{ operation, expired: 0, because: 'new' },
    },
    set,
    until,
  );

it('counts a month’s payments to Polly, and no others', () => {
  const spending = new Spending();
  spending.life(accepted('a', at('10-30')));
  spending.life(accepted('free', at('10-30'), { provider: 'local' }));
  spending.sound(paid('a', 100, at('10-31')));
  spending.sound(paid('a', 30, at('11-01')));
  spending.sound(paid('a', 5, at('11-30')));
  spending.sound(paid('free', 500, at('11-02')));
  spending.sound(paid(undefined, 700, at('11-02')));
  expect(spending.position(at('11-30')).spent).toEqual({ neural: 35 });
  expect(spending.position(at('12-01')).spent).toEqual({});
});

it('counts a payment whether it comes before or after the acceptance', () => {
  const spending = new Spending();
  spending.sound(paid('a', 30, at('11-02')));
  expect(spending.position(at('11-02')).spent).toEqual({});
  spending.life(accepted('a', at('11-01')));
  expect(spending.position(at('11-02')).spent).toEqual({ neural: 30 });
});

it('counts what was paid to Polly for a set that is archived', () => {
  const spending = new Spending();
  spending.sound(paid('archived', 30, at('11-02'), { provider: 'polly' }));
  spending.sound(paid('archived-and-free', 500, at('11-02'), { provider: 'local' }));
  expect(spending.position(at('11-30')).spent).toEqual({ neural: 30 });
});

it('counts what Polly billed for useless audio, without reducing what its set still wants', () => {
  const spending = new Spending();
  const freed = (provider: 'polly' | 'local') => ({
    ...{ hash: HASH, claim: 1, by: 'test', billed: true, reason: { code: 'x', message: 'x', remedy: 'x' } },
    inVain: { for: { set: 'a', index: 0, attempt: 1 }, provider, lane: 'neural', billedCharacters: 40 },
  });
  spending.life(accepted('a', at('11-01')));
  spending.sound(event('SoundFreed', freed('polly'), 'a', at('11-02')));
  spending.sound(event('SoundFreed', freed('polly'), 'a', at('11-03')));
  spending.sound(event('SoundFreed', freed('local'), 'a', at('11-03')));
  spending.sound(paid('a', 40, at('11-03')));
  const { spent, open } = spending.position(at('11-04'));
  expect(spent).toEqual({ neural: 120 });
  expect(open.get('a')).toEqual({ neural: 960 });
  expect(spending.position(at('12-01')).spent).toEqual({});
});

it('counts an open set with what it wanted to pay, less what it has paid', () => {
  const spending = new Spending();
  spending.life(accepted('a', at('10-30'), { unpaid: [{ lane: 'neural', billedCharacters: 400 }] }));
  spending.life(accepted('b', at('11-02')));
  spending.sound(paid('a', 150, at('10-31')));
  expect(Object.fromEntries(spending.position(at('11-02')).open)).toEqual({
    a: { neural: 250 },
    b: { neural: 1_000 },
  });
  expect(spending.standing().openSince).toEqual(at('10-30'));
  spending.life(cancelled('a', at('11-03')));
  expect([...spending.position(at('11-03')).open.keys()]).toEqual(['b']);
  expect(spending.standing().openSince).toEqual(at('11-02'));
  expect(spending.position(at('11-03')).knows('a')).toBe(true);
});

it('counts no payment for a sound that the set had paid for before as one for its other sounds', () => {
  const spending = new Spending();
  const [hash, other] = [HASH, 'b'.repeat(64)];
  const again = { hash, claim: 2, repaid: { because: 'missing' } } as const;
  const open = () => spending.position(at('11-30')).open.get('a');
  spending.life(accepted('a', at('11-01')));
  spending.sound(paid('a', 500, at('11-02')));
  spending.sound(paid('a', 500, at('11-03'), again));
  expect(open()).toEqual({ neural: 500 });
  expect(spending.position(at('11-30')).spent).toEqual({ neural: 1_000 });
  spending.sound(paid('a', 200, at('11-04'), { hash: other }));
  spending.sound(paid('b', 200, at('11-05'), { ...again, hash: other }));
  expect(open()).toEqual({ neural: 300 });
});

it('counts a cancelled set for its calls and tasks under way, until each is paid for, freed or expired', () => {
  const spending = new Spending();
  const [task, call, other] = [HASH, 'b'.repeat(64), 'c'.repeat(64)];
  const by = { claim: 1, by: 'test' };
  const openAt = (day: string) => Object.fromEntries(spending.position(at(day)).open);
  spending.life(accepted('a', at('11-01'), { unpaid: [{ lane: 'neural', billedCharacters: 500_000 }] }));
  spending.sound(claimed('a', task, at('11-03'), 'task'));
  spending.sound(claimed('a', call, at('11-04'), 'synthesize'));
  spending.sound(claimed('a', other, at('11-05'), 'synthesize'));
  expect(openAt('11-02')).toEqual({ a: { neural: 500_000 } });
  spending.life(cancelled('a', at('11-02')));
  expect(openAt('11-02')).toEqual({ a: { neural: 106_000 } });
  const started = { ...by, until: at('11-06').toISOString(), taskId: 'the-task', keyPrefix: 'setlist/a' };
  const item = { set: 'a', index: 0, attempt: 1 };
  spending.sound(
    event('SoundTaskStarted', { ...started, hash: task, for: item, expired: 0 }, 'a', at('11-02')),
  );
  const reason = { code: 'x', message: 'x', remedy: 'x' };
  spending.sound(event('SoundFreed', { ...by, hash: call, billed: false, reason }, 'a', at('11-02')));
  expect(openAt('11-03')).toEqual({ a: { neural: 103_000 } });
  expect(openAt('11-05')).toEqual({ a: { neural: 100_000 } });
  spending.sound(paid('a', 80_000, at('11-06'), { hash: task }));
  expect(openAt('11-06')).toEqual({});
  expect(spending.position(at('11-06')).spent).toEqual({ neural: 80_000 });
});

it('counts a cancelled set for no more than it wanted to pay', () => {
  const spending = new Spending();
  spending.life(accepted('a', at('11-01')));
  spending.life(accepted('free', at('11-01'), { provider: 'local' }));
  spending.sound(claimed('a', HASH, at('11-03'), 'synthesize'));
  spending.sound(claimed('free', 'b'.repeat(64), at('11-03'), 'synthesize'));
  spending.life(cancelled('a', at('11-02')));
  expect(Object.fromEntries(spending.position(at('11-02')).open)).toEqual({ a: { neural: 1_000 } });
});

it('uses the sets as they were at the given moment, whatever has happened to them since', () => {
  const spending = new Spending();
  spending.life(accepted('a', at('11-02')));
  const standing = spending.standing();
  spending.life(cancelled('a', at('11-03')));
  spending.life(accepted('b', at('11-03')));
  const { open, knows } = spending.position(at('11-04'), standing);
  expect(Object.fromEntries(open)).toEqual({ a: { neural: 1_000 } });
  expect([knows('a'), knows('b')]).toEqual([true, false]);
});

it('never counts a set below zero if it has paid more than it wanted', () => {
  const spending = new Spending();
  spending.life(accepted('a', at('11-01'), { unpaid: [] }));
  spending.sound(paid('a', 10, at('11-01')));
  expect(spending.position(at('11-01')).open.get('a')).toEqual({});
});

it('takes little memory for many open sets of few sounds', () => {
  const spending = new Spending();
  const before = process.memoryUsage().arrayBuffers;
  for (let set = 0; set < 2_000; set++) {
    spending.life(accepted(`set-${set}`, at('11-22')));
    spending.sound(paid(`set-${set}`, 10, at('11-22')));
  }
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(10_000_000);
});
