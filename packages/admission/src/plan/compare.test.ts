/** How a plan compares a file with what is paid for and with what the last run wrote. */
import { parseSetFile } from '@setlist/set-file';
import { expect, test } from 'vitest';
import { comparisonOf, hashesOf, type PlanBasis } from './compare.ts';
import type { LastRun } from './last-run.ts';

const FILE = `set:
  name: tour
defaults:
  engine: neural
items:
  - text: Welcome.
  - text: Goodbye.
  - text: Welcome.
    output-file: again.mp3
  - text: Named.
    lexicons: [places]
`;

function tour(text = FILE) {
  const result = parseSetFile(Buffer.from(text), { fileName: 'tour.yml' });
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.set;
}

const basis: PlanBasis = {
  provider: 'polly',
  lexicons: new Map(),
  paid: new Set(),
  gone: new Set(),
  fresh: false,
  cores: 2,
};

type Tour = ReturnType<typeof tour>;

const compare = async (set: Tour, given: PlanBasis) => comparisonOf(set, await hashesOf(set, given), given);

/** A run that completed all items of a file. */
async function runOf(text: string): Promise<LastRun> {
  const set = tour(text);
  const hashes = await hashesOf(set, basis);
  const items = new Map(set.items.map(({ file, index }) => [file, { index, hash: hashes[index] ?? '' }]));
  return {
    setId: 'tour-20261122t205012-k3f9q2',
    acceptedAt: '2026-11-22T20:50:12.000Z',
    provider: 'polly',
    items,
  };
}

const states = async (set: Tour, changes: Partial<PlanBasis>) =>
  (await compare(set, { ...basis, ...changes })).items.map(({ state, toPay }) => `${state} ${toPay}`);

test('a sound that occurs twice is paid for once, by its first item', async () => {
  expect(await states(tour(), {})).toEqual(['new 8', 'new 8', 'new 0', 'new 6']);
  expect(await compare(tour(), basis)).toMatchObject({ toPay: { neural: 22 }, seconds: 0, leftBehind: [] });
});

test('a sound that is paid for costs nothing, under every name', async () => {
  const [welcome = ''] = await hashesOf(tour(), basis);
  expect(await states(tour(), { paid: new Set([welcome]) })).toEqual([
    'cached 0',
    'new 8',
    'cached 0',
    'new 6',
  ]);
});

test('a paid sound that is gone from the store is paid for again, by the first item that wants it', async () => {
  const [welcome = '', goodbye = ''] = await hashesOf(tour(), basis);
  const sounds = { paid: new Set([welcome, goodbye]), gone: new Set([welcome]) };
  expect(await states(tour(), sounds)).toEqual(['gone 8', 'cached 0', 'gone 0', 'new 6']);
  expect(await compare(tour(), { ...basis, ...sounds })).toMatchObject({
    toPay: { neural: 14 },
    gone: { neural: 8 },
  });
});

test('planning a set of a million items does not block the event loop', async () => {
  const [first] = tour().items;
  if (first === undefined) throw new Error('the tour has no item');
  const many = { ...tour(), items: Array.from({ length: 1_000_000 }, () => first) };
  let turns = 0;
  let next = setImmediate(function turn() {
    turns++;
    next = setImmediate(turn);
  });
  expect((await compare(many, basis)).toPay).toEqual({ neural: 8 });
  clearImmediate(next);
  expect(turns).toBeGreaterThan(1_000);
});

test('a set recorded again pays for everything, each sound once', async () => {
  const [welcome = ''] = await hashesOf(tour(), basis);
  expect(await states(tour(), { paid: new Set([welcome]), fresh: true })).toEqual([
    'anew 8',
    'new 8',
    'anew 0',
    'new 6',
  ]);
});

test('an item whose lexicon is unknown counts as new', async () => {
  const paid = new Set(await hashesOf(tour(), { ...basis, lexicons: new Map([['places', 'a'.repeat(64)]]) }));
  expect((await states(tour(), { paid })).at(-1)).toBe('new 6');
});

test('the time of the local engine follows from the machine', async () => {
  expect((await compare(tour(), { ...basis, provider: 'local' })).seconds).toBe(1);
});

test('another sound under a file name of the last run is a change, unless it is already paid for', async () => {
  const lastRun = await runOf(
    FILE.replace('    output-file: again.mp3', '    output-file: again.mp3\n    voice-id: Joanna'),
  );
  expect(await states(tour(), { lastRun })).toEqual(['new 8', 'new 8', 'changed 0', 'new 6']);
  const paid = new Set(await hashesOf(tour(), basis));
  expect(await states(tour(), { lastRun, paid })).toEqual(['cached 0', 'cached 0', 'cached 0', 'cached 0']);
});

test('a removed line and a line with another file name leave their files behind', async () => {
  const before = FILE.replace('again.mp3', 'once-more.mp3').replace(
    '  - text: Named.',
    '  - text: Removed.\n  - text: Named.',
  );
  const { leftBehind } = await compare(tour(), { ...basis, lastRun: await runOf(before) });
  expect(leftBehind).toEqual([
    { index: 2, file: 'once-more.mp3', because: 'renamed', now: 'again.mp3' },
    { index: 3, file: 'item-000003-removed.mp3', because: 'removed' },
    { index: 4, file: 'item-000004-named.mp3', because: 'renamed', now: 'item-000003-named.mp3' },
  ]);
  expect((await compare(tour(), { ...basis, lastRun: await runOf(FILE) })).leftBehind).toEqual([]);
  const byAnother = await compare(tour(), { ...basis, provider: 'local', lastRun: await runOf(before) });
  expect(byAnother.leftBehind).toEqual(leftBehind);
});

test('a file whose name changed only in case is not left behind: on some file systems it is the new one', async () => {
  const lastRun = await runOf(FILE);
  const renamed = tour(FILE.replace('again.mp3', 'Again.mp3'));
  expect((await compare(renamed, { ...basis, lastRun })).leftBehind).toEqual([]);
});
