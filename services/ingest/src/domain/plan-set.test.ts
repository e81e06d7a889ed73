/** What a set asks for, costs and takes. */
import { soundHash } from '@setlist/contracts';
import { describe, expect, it } from 'vitest';
import { costOfUnpaid, LexiconMissing, plannedItems, planSet } from './plan-set.ts';
import { pricesFor } from './prices.ts';
import { itemOf, setWith } from './sets-for-tests.ts';

const prices = pricesFor('polly');
const terms = { provider: 'polly' as const, prices, lexicons: new Map([['w3c', 'a'.repeat(64)]]) };
const many = (count: number, changes = {}) =>
  Array.from({ length: count }, (_, index) => itemOf(index, changes));

describe('the plan of a set', () => {
  it('counts items, characters and money by lane', () => {
    const items = [itemOf(0), itemOf(1, { engine: 'standard', billedCharacters: 100 }), itemOf(2)];
    const plan = planSet(setWith(items), terms);
    expect(plan).toMatchObject({
      itemCount: 3,
      billedCharacters: 116,
      lanes: [
        { lane: 'standard', items: 1, billedCharacters: 100 },
        { lane: 'neural', items: 2, billedCharacters: 16 },
      ],
      usdPerMillion: { standard: '4.00', neural: '16.00' },
      estimatedUsd: '0.000656',
    });
  });

  it('costs nothing with the local engine', () => {
    const plan = planSet(setWith([itemOf(0)]), { ...terms, provider: 'local', prices: pricesFor('local') });
    expect(plan).toMatchObject({ estimatedUsd: '0.00', usdPerMillion: { neural: '0' } });
  });

  it('takes as long as its slowest quota imposes, and no time below the burst', () => {
    const seconds = (items: number, changes = {}) =>
      planSet(setWith(many(items, changes)), terms).estimatedSeconds;
    expect(seconds(10)).toBe(0);
    expect(seconds(2_500)).toBe(312);
    expect(seconds(2_500, { engine: 'standard' })).toBe(30);
    expect(seconds(61, { engine: 'generative', operation: 'task' })).toBe(60);
    const both = [...many(90), ...many(12, { operation: 'task' })];
    expect(planSet(setWith(both), terms).estimatedSeconds).toBe(10);
  });

  it('names every sound by its content, with the lexicons as they are now, and its file with the prefix', () => {
    const [first, second] = [...plannedItems(setWith([itemOf(0, { lexicons: ['w3c'] }), itemOf(1)]), terms)];
    expect(first).toMatchObject({
      index: 0,
      lane: 'neural',
      file: 'act-1/item-0.mp3',
      operation: 'synthesize',
    });
    expect(first?.sound.lexicons).toEqual([{ name: 'w3c', sha256: 'a'.repeat(64) }]);
    expect(first?.hash).toBe(first && soundHash(first.sound));
    expect(second?.hash).not.toBe(first?.hash);
  });

  it('can be hashed only while its lexicons are known', () => {
    const set = setWith([itemOf(0, { lexicons: ['gone'] })]);
    expect(() => [...plannedItems(set, terms)]).toThrow(LexiconMissing);
  });

  it('costs what is not paid for, and a sound that is named twice once', () => {
    const set = setWith([itemOf(0), itemOf(1, { text: 'Phrase 0' }), itemOf(2), itemOf(3)]);
    const plan = planSet(set, terms);
    const hashes = [...plan.items()].map(({ hash }) => hash);
    expect(costOfUnpaid(plan, new Set(), prices)).toBe(3n * 8n * 16_000_000n);
    expect(costOfUnpaid(plan, new Set(hashes.slice(2, 3)), prices)).toBe(2n * 8n * 16_000_000n);
    expect(costOfUnpaid(plan, new Set(hashes), prices)).toBe(0n);
  });
});
