/** What a sound's events, as dispatchers write them, tell: whether a payment may be the second, or a call too short. */
import { type EventData, newEvent, type SetlistEvent } from '@setlist/contracts';
import type { EventLog } from '@setlist/eventlog';
import { decideSound, type PaidSound, readSound } from '@setlist/sounds';
import { describe, expect, test } from 'vitest';
import { repaymentOf, wasAnyBilledBefore } from '../domain/repayment.ts';
import { pastOf } from './past-of-sound.ts';

const hash = 'a'.repeat(64);
const keyPrefix = `setlist/${hash}`;
const NOON = Date.parse('2026-11-30T12:00:00.000Z');
const context = { source: 'dispatcher', now: new Date(NOON) } as const;
const until = new Date(NOON + 30_000).toISOString();
const common = { hash, claim: 1, for: { set: 'a-set', index: 0, attempt: 1 } };

type Claim = Partial<EventData<'SoundClaimed'>> & Pick<EventData<'SoundClaimed'>, 'by' | 'because'>;
const called = (claim: Claim): SetlistEvent =>
  newEvent('SoundClaimed', { ...common, until, operation: 'synthesize', expired: 0, ...claim }, context);
const tasked = (claim: Claim): SetlistEvent => called({ operation: 'task', lost: { keyPrefix }, ...claim });
const started = (by: string, taskId: string, expired = 0): SetlistEvent =>
  newEvent('SoundTaskStarted', { ...common, until, by, expired, taskId, keyPrefix }, context);
/** Hands a claim on. */
const handedOn = (claim: Claim): SetlistEvent => tasked({ until: new Date(NOON).toISOString(), ...claim });
const freed = (by: string, more: Partial<EventData<'SoundFreed'>> = {}): SetlistEvent => {
  const reason = { code: 'x', message: 'it failed', remedy: 'try again' };
  return newEvent('SoundFreed', { ...common, by, reason, billed: false, ...more }, context);
};
const cut = { billed: true, because: 'cut' } as const;

/** The log with a sound's events. */
const logOf = (life: readonly SetlistEvent[]) => {
  const records = life.map((event, at) => ({ seq: at + 1, event }));
  return {
    last: async () => records.at(-1),
    async *read() {
      yield* records;
    },
  } as unknown as Pick<EventLog, 'last' | 'read'>;
};

interface Brought {
  readonly how?: PaidSound['how'];
  readonly taskId?: string;
  readonly operation?: 'synthesize' | 'task';
}

/** How the next dispatcher would mark what it found, or brought. */
async function markOf(life: readonly SetlistEvent[], brought: Brought = {}) {
  const { how = 'recovered', taskId, operation = 'synthesize' } = brought;
  const log = logOf(life);
  const decision = decideSound(await readSound(log, hash), NOON + 60_000);
  if (decision.kind !== 'claim') throw new Error(`nothing to claim: ${decision.kind}`);
  const { right } = decision;
  const { stands, wasInVain, attempts } = await pastOf(log, hash);
  const isSecond = stands || wasInVain || wasAnyBilledBefore(attempts, { taskId, right, operation });
  return repaymentOf({ how, right, operation, isSecond });
}

const AGAIN = { repaid: { because: 'expired' } };

describe('what a takeover finds may be the second payment', () => {
  test('if its call came after one whose answer was cut off', async () => {
    const life = [
      called({ by: 'one', because: 'new' }),
      freed('one', cut),
      called({ by: 'one', because: 'cut' }),
    ];
    expect(await markOf(life)).toEqual(AGAIN);
  });

  test('if its task replaced one that the provider no longer knew', async () => {
    const lost = { keyPrefix, taskId: 'task-1' };
    const two = { by: 'two', because: 'expired', expired: 1 } as const;
    const life = [
      tasked({ by: 'one', because: 'new' }),
      started('one', 'task-1'),
      tasked({ ...two, lost }),
      started('two', 'task-2', 1),
      handedOn({ ...two, lost: { keyPrefix, taskId: 'task-2' } }),
    ];
    expect(await markOf(life, { taskId: 'task-2', operation: 'task' })).toEqual(AGAIN);
  });

  test('if its task was started after a dispatcher died that may have called', async () => {
    const two = { by: 'two', because: 'expired', expired: 1 } as const;
    const life = [
      called({ by: 'one', because: 'new' }),
      tasked(two),
      started('two', 'task-1', 1),
      handedOn({ ...two, lost: { keyPrefix, taskId: 'task-1' } }),
    ];
    expect(await markOf(life, { taskId: 'task-1' })).toEqual(AGAIN);
  });

  test('if the takeover before was stopped after it may have called', async () => {
    const two = { by: 'two', because: 'expired', expired: 1 } as const;
    const until = new Date(NOON).toISOString();
    const life = [called({ by: 'one', because: 'new' }), called(two), called({ ...two, until })];
    expect(await markOf(life)).toEqual(AGAIN);
  });

  test('if the sound had been given up before its call', async () => {
    const life = [
      called({ by: 'one', because: 'expired', expired: 4 }),
      freed('two', { billed: true, because: 'expired' }),
      called({ by: 'three', because: 'expired' }),
    ];
    expect(await markOf(life)).toEqual(AGAIN);
  });

  test('if a call was cut off before a task was started, however often claims changed hands', async () => {
    const life = [
      called({ by: 'one', because: 'new' }),
      freed('one', cut),
      tasked({ by: 'two', because: 'cut' }),
      tasked({ by: 'three', because: 'expired', expired: 1 }),
      started('three', 'task-1', 1),
      handedOn({ by: 'three', because: 'expired', expired: 1, lost: { keyPrefix, taskId: 'task-1' } }),
    ];
    expect(await markOf(life, { taskId: 'task-1' })).toEqual(AGAIN);
  });
});

describe('what a takeover finds is the first payment', () => {
  test('if only its own call can have brought it, however often that claim was renewed', async () => {
    const life = [
      called({ by: 'one', because: 'new' }),
      freed('one'),
      called({ by: 'two', because: 'freed' }),
      called({ by: 'two', because: 'freed', claim: 2 }),
    ];
    expect(await markOf(life)).toEqual({});
  });

  test('if it is the task that several dispatchers died over', async () => {
    const lost = { keyPrefix, taskId: 'task-1' };
    const life = [
      tasked({ by: 'one', because: 'new' }),
      started('one', 'task-1'),
      tasked({ by: 'one', because: 'new', lost }),
      tasked({ by: 'two', because: 'expired', expired: 1, lost }),
      started('two', 'task-1', 1),
    ];
    expect(await markOf(life, { taskId: 'task-1', operation: 'task' })).toEqual({});
  });

  test('if it is the task that may have been started, found by another and handed on', async () => {
    const two = { by: 'two', because: 'expired', expired: 1 } as const;
    const life = [
      tasked({ by: 'one', because: 'new' }),
      tasked(two),
      started('two', 'task-1', 1),
      handedOn({ ...two, lost: { keyPrefix, taskId: 'task-1' } }),
    ];
    for (const operation of ['task', 'synthesize'] as const)
      expect(await markOf(life, { taskId: 'task-1', operation })).toEqual({});
  });

  test('if the takeover before had only looked when it was stopped', async () => {
    const two = { by: 'two', because: 'expired', expired: 1 } as const;
    const until = new Date(NOON).toISOString();
    const life = [
      called({ by: 'one', because: 'new' }),
      called(two),
      called({ ...two, until, unused: true }),
    ];
    expect(await markOf(life)).toEqual({});
  });

  test('if its task’s start was not answered', async () => {
    const life = [tasked({ by: 'one', because: 'new' }), freed('one', { ...cut, lost: { keyPrefix } })];
    expect(await markOf(life, { taskId: 'task-1' })).toEqual({});
  });
});

test('a sound whose call was cut off is too long for one, however claims ended since; a payment tells anew', async () => {
  const reason = { code: 'audio-cut-off', message: 'it was cut off', remedy: 'split it' };
  const paid = (durationMs: number, how: PaidSound['how'] = 'task'): SetlistEvent => {
    const audio = { object: 'a.mp3', contentType: 'audio/mpeg', bytes: 9, sha256: hash, durationMs };
    const paid = { by: 'two', how, lane: 'neural', billedCharacters: 9 } as const;
    return newEvent('SoundPaid', { ...common, ...paid, ...audio }, context);
  };
  const life = [
    called({ by: 'one', because: 'new' }),
    freed('one', { ...cut, reason }),
    tasked({ by: 'two', because: 'cut' }),
    freed('two', cut),
  ];
  const again = [called({ by: 'two', because: 'fresh' }), freed('two', cut)];
  for (const [events, isTooLong] of [
    [life.slice(0, 1), false],
    [life, true],
    [[...life, paid(500)], false],
    [[...life, paid(500, 'adopted')], true],
    [[paid(600_000), ...again], true],
    [[paid(600_000, 'adopted'), ...again], false],
  ] as const)
    expect(await pastOf(logOf(events), hash)).toMatchObject({ isTooLong });
});
