import { expect, test } from 'vitest';
import { CallFailed } from '../adapters/failures.ts';
import type { Lexicons } from '../lexicons/lexicons.ts';
import { checkLexicons, isChecked, throwIfChanged } from './check-lexicons.ts';
import type { SettleDeps } from './deps.ts';
import type { Item } from './item.ts';

type Answers = Partial<Pick<Lexicons, 'recent' | 'latest'>>;

const depsWith = (lexicons: Answers = {}) =>
  ({
    lexiconsOf: () => ({ settlesInMs: 0, latest: () => undefined, ...lexicons }) as Lexicons,
    log: { clock: { now: () => Date.now() } },
  }) as unknown as Pick<SettleDeps, 'lexiconsOf' | 'log'>;

const itemNaming = (...names: string[]): Item => {
  const lexicons = names.map((name) => ({ name, sha256: 'a'.repeat(64) }));
  const request = { sound: { provider: 'local', lexicons } };
  const work = { record: { time: new Date(0) } };
  return { request, work, triedForMs: 0 } as unknown as Item;
};

test('a failed look-up checks its item, and fails its turn', async () => {
  const failed = new CallFailed({ from: 'provider', code: 'ThrottlingException', message: 'Rate exceeded' });
  const item = itemNaming('w3c');
  await checkLexicons(depsWith({ recent: () => Promise.reject(failed) }), item);
  expect(isChecked(depsWith(), item)).toBe(true);
  expect(() => throwIfChanged(item)).toThrow(failed);
});

test('only items that name lexicons wait for a check, and a later check replaces an earlier one', async () => {
  expect(isChecked(depsWith(), itemNaming())).toBe(true);
  const item = itemNaming('w3c');
  expect(isChecked(depsWith(), item)).toBe(false);
  await checkLexicons(depsWith({ recent: async () => undefined }), item);
  expect(() => throwIfChanged(item)).toThrow('the lexicon w3c is gone');
  await checkLexicons(depsWith({ recent: async () => 'a'.repeat(64) }), item);
  expect(() => throwIfChanged(item)).not.toThrow();
});

test('the time of a look-up that failed counts as tried, unless it was throttled', async () => {
  const failing = (code: string) => async () => {
    await new Promise((resolve) => setImmediate(resolve));
    throw new CallFailed({ from: code === 'call-timeout' ? 'network' : 'provider', code, message: code });
  };
  const item = itemNaming('w3c');
  await checkLexicons(depsWith({ recent: failing('ThrottlingException') }), item);
  expect(item.triedForMs).toBe(0);
  await checkLexicons(depsWith({ recent: failing('call-timeout') }), item);
  expect(item.triedForMs).toBeGreaterThan(0);
});

const knows = (digest: string | undefined, { settledAt = 0, begunAt = 0 } = {}) =>
  depsWith({ latest: () => ({ digest, begunAt, at: 0, settledAt }) });

test('a known answer counts for all items that name its lexicon, and one got at an item’s turn until the next turn', async () => {
  const item = itemNaming('w3c');
  expect(isChecked(knows('a'.repeat(64)), item)).toBe(true);
  expect(() => throwIfChanged(item)).not.toThrow();
  expect(isChecked(knows(undefined), item)).toBe(true);
  expect(() => throwIfChanged(item)).toThrow('the lexicon w3c is gone');
  expect(isChecked(depsWith(), itemNaming('w3c'))).toBe(false);
  const unsettled = { settledAt: Number.POSITIVE_INFINITY };
  expect(isChecked(knows('a'.repeat(64), unsettled), itemNaming('w3c'))).toBe(false);
  const late = itemNaming('w3c');
  await checkLexicons(depsWith({ recent: async () => 'a'.repeat(64) }), late);
  expect(isChecked(depsWith(), late)).toBe(false);
  await checkLexicons(depsWith({ recent: async () => 'a'.repeat(64) }), late, { atItsTurn: true });
  expect(isChecked(depsWith(), late)).toBe(true);
});

test('a changed lexicon is a look-up’s verdict: it says nothing about the operation whose turn it is', async () => {
  const item = itemNaming('w3c');
  await checkLexicons(depsWith({ recent: async () => undefined }), item);
  expect(item.lexicons?.failure?.failure).toMatchObject({ code: 'lexicon-changed', isLookUp: true });
});

test('an answer from before an item was requested does not fail it, and a newer one takes the place of its own failure', async () => {
  const item = itemNaming('w3c');
  Object.assign(item.work.record, { time: new Date() });
  expect(isChecked(knows('b'.repeat(64), { begunAt: performance.now() }), item)).toBe(false);
  await checkLexicons(depsWith({ recent: async () => 'b'.repeat(64) }), item);
  expect(isChecked(knows('a'.repeat(64)), item)).toBe(true);
  expect(() => throwIfChanged(item)).not.toThrow();
});

test('a lexicon that changes while another is waited for fails the item', async () => {
  const digests = ['a'.repeat(64), 'a'.repeat(64), 'b'.repeat(64), 'a'.repeat(64)];
  const item = itemNaming('one', 'two');
  await checkLexicons(depsWith({ recent: async () => digests.shift() }), item);
  expect(() => throwIfChanged(item)).toThrow('the lexicon one has changed');
});
