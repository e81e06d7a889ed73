/** What a set needs: sounds, money and time. */
import { soundHash } from '@setlist/contracts';
import { describe, expect, it } from 'vitest';
import { itemOf, surveyWith } from '../../test/sets.ts';
import { LexiconMissing, plannedItem, planSet, secondsFor } from './plan-set.ts';
import { pricesFor } from './prices.ts';

const prices = pricesFor('polly');
const terms = { provider: 'polly' as const, lexicons: new Map([['w3c', 'a'.repeat(64)]]) };
const many = (count: number, changes = {}) =>
  Array.from({ length: count }, (_, index) => itemOf(index, changes));

describe('the plan of a set', () => {
  it('counts items, characters and money by lane', () => {
    const items = [itemOf(0), itemOf(1, { engine: 'standard', billedCharacters: 100 }), itemOf(2)];
    const plan = planSet(surveyWith(...items), prices);
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
    const plan = planSet(surveyWith(itemOf(0)), pricesFor('local'));
    expect(plan).toMatchObject({ estimatedUsd: '0.00', usdPerMillion: { neural: '0' } });
  });

  it('takes as long as its slowest quota requires, and no time within the burst', () => {
    const seconds = (items: number, changes = {}, paths: 'auto' | 'both' = 'auto') =>
      secondsFor(surveyWith(...many(items, changes)).calls, paths);
    expect(seconds(10)).toBe(0);
    expect(seconds(2_500)).toBe(312);
    expect(seconds(2_500, { engine: 'standard' })).toBe(30);
    expect(seconds(61, { engine: 'generative', operation: 'task' })).toBe(60);
    expect(seconds(2_500, {}, 'both')).toBe(138);
    expect(seconds(61, { engine: 'generative', operation: 'task' }, 'both')).toBe(60);
    const mixed = [...many(100), ...many(100, { operation: 'task' })];
    expect(secondsFor(surveyWith(...mixed).calls, 'both')).toBe(10);
    const long = [...many(90), ...many(12, { operation: 'task' })];
    expect(secondsFor(surveyWith(...long).calls)).toBe(10);
  });

  it('hashes every sound by its content and the lexicons’ content, and prefixes its file', () => {
    const first = plannedItem('act-1', itemOf(0, { lexicons: ['w3c'] }), terms);
    const second = plannedItem('act-1', itemOf(1), terms);
    expect(first).toMatchObject({
      index: 0,
      lane: 'neural',
      file: 'act-1/item-0.mp3',
      operation: 'synthesize',
    });
    expect(first.sound.lexicons).toEqual([{ name: 'w3c', sha256: 'a'.repeat(64) }]);
    expect(first.hash).toBe(soundHash(first.sound));
    expect(second.hash).not.toBe(first.hash);
  });

  it('can be hashed only if its lexicons are known', () => {
    expect(() => plannedItem('act-1', itemOf(0, { lexicons: ['gone'] }), terms)).toThrow(LexiconMissing);
  });
});
