import { type EventData, newEvent } from '@setlist/contracts';
import { expect, test } from 'vitest';
import { type SoundEvent, SoundLives } from './sound-life-rules.ts';

const hash = 'a'.repeat(64);
const item = { set: 'a-set', index: 0, attempt: 1 };
const context = { source: 'dispatcher', now: new Date('2026-11-22T12:00:00Z') } as const;

const claimed = (claim: number, because: EventData<'SoundClaimed'>['because']): SoundEvent => {
  const until = context.now.toISOString();
  const data = { hash, claim, by: 'one', until, for: item, operation: 'task', expired: 0, because } as const;
  return newEvent('SoundClaimed', data, context);
};
const paid = (claim: number, changes: Partial<EventData<'SoundPaid'>> = {}): SoundEvent => {
  const how = { how: 'task', lane: 'neural', billedCharacters: 1 } as const;
  const audio = { object: 'x', contentType: 'audio/mpeg', bytes: 1, sha256: hash, durationMs: 1 };
  return newEvent('SoundPaid', { hash, claim, by: 'one', for: item, ...how, ...audio, ...changes }, context);
};
const freed = (claim: number): SoundEvent => {
  const reason = { code: 'collected', message: 'unused', remedy: 'none' };
  return newEvent('SoundFreed', { hash, claim, by: 'a-user', reason, billed: false }, context);
};

const codesOf = (events: readonly SoundEvent[]): string[] => {
  const lives = new SoundLives();
  return events.flatMap((event) => lives.apply(event)?.code ?? []);
};

const repaid = { repaid: { because: 'expired' } } as const;
const overtaken = [claimed(1, 'new'), claimed(2, 'expired'), claimed(3, 'expired'), paid(3)];

test("the claim after a late payment follows the last claim, or in earlier versions' logs the payment's own", () => {
  const late = paid(1, { ...repaid, lastClaim: 3 });
  expect(codesOf([...overtaken, late, claimed(4, 'missing')])).toEqual([]);
  expect(codesOf([...overtaken, late, freed(3), claimed(4, 'freed')])).toEqual([]);
  expect(codesOf([...overtaken, paid(1, repaid), claimed(2, 'missing'), claimed(3, 'missing')])).toEqual([]);
  expect(codesOf([...overtaken, paid(1, repaid), freed(1), claimed(2, 'freed')])).toEqual([]);
  expect(codesOf([...overtaken, late, claimed(5, 'missing')])).toEqual(['claim-out-of-turn']);
  expect(codesOf([claimed(1, 'new'), paid(1, { lastClaim: 2 })])).toEqual(['paid-without-claim']);
});

test('adopted audio that replaces adopted audio is no second payment, and the next claim follows it', () => {
  const adopted = (claim: number) => paid(claim, { how: 'adopted', billedCharacters: 0 });
  expect(codesOf([adopted(1), adopted(2), claimed(3, 'missing')])).toEqual([]);
});
