import { type EventData, newEvent, type SetlistEvent } from '@setlist/contracts';
import { describe, expect, test } from 'vitest';
import { CLAIMS_BEFORE_GIVING_UP, decideSound, rightToRepay } from './sound-decision.ts';
import { soundState } from './sound-life.ts';

const HASH = 'a'.repeat(64);
const NOON = Date.parse('2026-11-22T12:00:00.000Z');
const item = { set: 'a-set', index: 0, attempt: 1 };
const context = { source: 'dispatcher', now: new Date(NOON) } as const;
const at = (seq: number, event: SetlistEvent) => ({ seq, event });

const claimed = (changes: Partial<EventData<'SoundClaimed'>> = {}) =>
  newEvent(
    'SoundClaimed',
    {
      hash: HASH,
      claim: 1,
      by: 'dispatcher-1',
      until: new Date(NOON + 30_000).toISOString(),
      for: item,
      operation: 'synthesize',
      expired: 0,
      because: 'new',
      ...changes,
    },
    context,
  );
const taskStarted = () =>
  newEvent(
    'SoundTaskStarted',
    {
      hash: HASH,
      claim: 2,
      by: 'dispatcher-1',
      until: new Date(NOON + 30_000).toISOString(),
      for: item,
      expired: 1,
      taskId: 'task-1',
      keyPrefix: `setlist/${HASH}`,
    },
    context,
  );
const paid = () =>
  newEvent(
    'SoundPaid',
    {
      hash: HASH,
      claim: 3,
      by: 'dispatcher-1',
      for: item,
      how: 'synthesized',
      lane: 'neural',
      billedCharacters: 10,
      object: `audio/${HASH}.mp3`,
      contentType: 'audio/mpeg',
      bytes: 100,
      sha256: 'b'.repeat(64),
      durationMs: 500,
    },
    context,
  );
const freed = (billed: boolean) =>
  newEvent(
    'SoundFreed',
    {
      hash: HASH,
      claim: 4,
      by: 'dispatcher-1',
      reason: { code: 'x', message: 'it failed', remedy: 'mend it' },
      billed,
    },
    context,
  );

describe('a dispatcher that wants a sound', () => {
  test('gives up where the last event can’t be read, however new its version is', () => {
    expect(soundState({ seq: 7 })).toEqual({ kind: 'unreadable', seq: 7 });
    expect(decideSound(soundState({ seq: 7 }), NOON)).toMatchObject({
      kind: 'give-up',
      reason: { code: 'unreadable-sound', remedy: expect.stringContaining('Update the dispatchers') },
    });
  });

  test('claims one that was never requested', () => {
    expect(decideSound(soundState(undefined), NOON)).toEqual({
      kind: 'claim',
      right: { expectedSeq: 0, ordinal: 1, expired: 0, because: 'new' },
    });
  });

  test('waits while another claim is in force, and takes over once it has expired', () => {
    const state = soundState(at(7, claimed()));
    expect(decideSound(state, NOON + 29_999)).toEqual({ kind: 'wait', seq: state.seq, forMs: 1 });
    expect(decideSound(state, NOON + 30_000)).toEqual({
      kind: 'claim',
      right: { expectedSeq: 7, ordinal: 2, expired: 1, because: 'expired' },
    });
  });

  test("waits no longer than a claim's term, even if the clock has gone back since", () => {
    const state = soundState(at(7, claimed()));
    const hourBefore = NOON - 3_600_000;
    expect(decideSound(state, hourBefore)).toEqual({ kind: 'wait', seq: state.seq, forMs: 30_000 });
    expect(decideSound(state, hourBefore, { ranOut: 7 })).toMatchObject({ right: { because: 'expired' } });
    expect(decideSound(state, hourBefore, { ranOut: 6 })).toMatchObject({ kind: 'wait' });
  });

  test('looks for the task of an expired claim before paying again', () => {
    const lost = { keyPrefix: `setlist/${HASH}` };
    const state = soundState(at(7, claimed({ operation: 'task', lost })));
    expect(decideSound(state, NOON + 30_000)).toMatchObject({ kind: 'claim', right: { lost } });
  });

  test('counts an expired claim even if its task is known, and looks for that task', () => {
    const state = soundState(at(8, taskStarted()));
    expect(decideSound(state, NOON + 60_000)).toMatchObject({
      kind: 'claim',
      right: { expired: 2, lost: { taskId: 'task-1', keyPrefix: `setlist/${HASH}` } },
    });
  });

  test('does not count a claim that its holder handed on, with or without a task', () => {
    const handedOn = { until: new Date(NOON).toISOString(), expired: 1, claim: 3 };
    const lost = { taskId: 'task-1', keyPrefix: `setlist/${HASH}` };
    for (const state of [claimed(handedOn), claimed({ ...handedOn, operation: 'task', lost })])
      expect(decideSound(soundState(at(9, state)), NOON)).toMatchObject({
        kind: 'claim',
        right: { because: 'expired', expired: 1 },
      });
  });

  test('gives up after five expired claims in a row', () => {
    const before = soundState(at(9, claimed({ expired: CLAIMS_BEFORE_GIVING_UP - 2 })));
    expect(decideSound(before, NOON + 60_000)).toMatchObject({ kind: 'claim' });
    const last = soundState(at(9, claimed({ expired: CLAIMS_BEFORE_GIVING_UP - 1 })));
    const task = newEvent(
      'SoundTaskStarted',
      { ...taskStarted().data, expired: CLAIMS_BEFORE_GIVING_UP - 1 },
      context,
    );
    for (const state of [last, soundState(at(9, task))])
      expect(decideSound(state, NOON + 60_000)).toMatchObject({
        kind: 'give-up',
        reason: { code: 'claims-ran-out' },
      });
  });

  test('reuses a paid one forever', () => {
    expect(decideSound(soundState(at(9, paid())), NOON * 2)).toMatchObject({
      kind: 'reuse',
      paid: { claim: 3 },
    });
  });

  test('claims a freed one at once, and knows whether the failed call may have been billed', () => {
    expect(decideSound(soundState(at(9, freed(false))), NOON)).toMatchObject({
      right: { expectedSeq: 9, ordinal: 5, because: 'freed' },
    });
    expect(decideSound(soundState(at(9, freed(true))), NOON)).toMatchObject({ right: { because: 'cut' } });
    const fresh = newEvent('SoundFreed', { ...freed(true).data, because: 'fresh' }, context);
    expect(decideSound(soundState(at(9, fresh)), NOON)).toMatchObject({ right: { because: 'fresh' } });
  });

  test('knows whether it is too long for a call from one that was cut off, and from what a call or a task brought', () => {
    const reason = { code: 'audio-cut-off', message: 'it was cut off', remedy: 'split it' };
    const cutOff = newEvent('SoundFreed', { ...freed(true).data, reason }, context);
    expect(decideSound(soundState(at(9, cutOff)), NOON)).toMatchObject({ right: { isTooLong: true } });
    for (const [how, durationMs, isTooLong] of [
      ['task', 500, false],
      ['task', 600_000, true],
      ['recovered', 600_000, true],
      ['synthesized', 600_000, false],
      ['adopted', 600_000, undefined],
    ] as const) {
      const event = newEvent('SoundPaid', { ...paid().data, how, durationMs }, context);
      expect(decideSound(soundState(at(9, event)), NOON, { freshSince: 9 })).toMatchObject({
        right: { isTooLong },
      });
    }
  });

  test('pays again for a paid sound whose audio is gone, under the next claim', () => {
    const state = soundState(at(9, paid()));
    if (state.kind !== 'paid') throw new Error('the history ends in a payment');
    expect(rightToRepay(state, 'missing')).toEqual({
      expectedSeq: 9,
      ordinal: 4,
      expired: 0,
      because: 'missing',
      standing: 9,
      isTooLong: false,
    });
  });

  test.each(['missing', 'damaged'] as const)(
    'looks for audio that was %s before it makes the next claim, which still says why it pays again',
    (because) => {
      const standing = 9;
      const gaveUp = newEvent('SoundFreed', { ...freed(true).data, because, standing }, context);
      const state = soundState(at(12, gaveUp));
      expect(decideSound(state, NOON)).toEqual({ kind: 'reuse-standing', standing });
      expect(decideSound(state, NOON, { goneStanding: standing })).toMatchObject({
        kind: 'claim',
        right: { expectedSeq: 12, because, standing },
      });
    },
  );

  describe('recorded again', () => {
    test('claims a sound that was paid before the set was accepted, and reuses one paid since', () => {
      const state = soundState(at(9, paid()));
      expect(decideSound(state, NOON, { freshSince: 9 })).toEqual({
        kind: 'claim',
        right: { expectedSeq: 9, ordinal: 4, expired: 0, because: 'fresh', standing: 9, isTooLong: false },
      });
      expect(decideSound(state, NOON, { freshSince: 8 })).toMatchObject({ kind: 'reuse' });
    });

    test('leaves the earlier payment to others while the recording has not succeeded', () => {
      const standing = 9;
      const gaveUp = newEvent('SoundFreed', { ...freed(false).data, standing }, context);
      const states = [
        soundState(at(12, claimed({ because: 'fresh', standing }))),
        soundState(at(12, newEvent('SoundTaskStarted', { ...taskStarted().data, standing }, context))),
        soundState(at(12, gaveUp)),
      ];
      for (const state of states) {
        expect(decideSound(state, NOON + 30_000)).toEqual({ kind: 'reuse-standing', standing });
        const again = { kind: 'claim', right: { expectedSeq: 12, standing } };
        expect(decideSound(state, NOON + 30_000, { freshSince: 10 })).toMatchObject(again);
        expect(decideSound(state, NOON + 30_000, { goneStanding: standing })).toMatchObject(again);
      }
    });

    test('waits for a recording in progress, whichever set asks', () => {
      const state = soundState(at(12, claimed({ because: 'fresh', standing: 9 })));
      for (const wanted of [{}, { freshSince: 10 }])
        expect(decideSound(state, NOON, wanted)).toMatchObject({ kind: 'wait' });
    });
  });

  test('remembers across a failure which task may have been billed', () => {
    const lost = { keyPrefix: `setlist/${HASH}`, taskId: 'task-1' };
    const state = soundState(at(9, newEvent('SoundFreed', { ...freed(true).data, lost }, context)));
    expect(decideSound(state, NOON)).toMatchObject({ right: { because: 'cut', lost } });
  });
});
