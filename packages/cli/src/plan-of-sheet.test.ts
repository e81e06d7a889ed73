import { parseSetFile } from '@setlist/contracts';
import { expect, test } from 'vitest';
import { hashesOf, type PlanBasis, planOf } from './plan-of-sheet.ts';

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

function tour() {
  const result = parseSetFile(Buffer.from(FILE), { fileName: 'tour.yml' });
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.set;
}

const basis: PlanBasis = { provider: 'polly', lexicons: new Map(), paid: new Set(), cores: 2 };

test('a sound that comes twice is paid for once', () => {
  expect(planOf(tour(), basis)).toMatchObject({
    billedCharacters: 22,
    estimatedUsd: '0.00035',
    estimatedSeconds: 0,
  });
});

test('what the ledger says is paid costs nothing, under every name', () => {
  const [welcome = ''] = hashesOf(tour(), basis);
  const plan = planOf(tour(), { ...basis, paid: new Set([welcome]) });
  expect(plan.items.map(({ state }) => state)).toEqual(['cached', 'new', 'cached', 'new']);
  expect(plan.billedCharacters).toBe(14);
});

test('an item whose lexicon is unknown counts as new', () => {
  const paid = new Set(hashesOf(tour(), { ...basis, lexicons: new Map([['places', 'a'.repeat(64)]]) }));
  expect(planOf(tour(), { ...basis, paid }).items.at(-1)?.state).toBe('new');
});

test('the local engine is free, and its time is of the machine', () => {
  const plan = planOf(tour(), { ...basis, provider: 'local' });
  expect(plan).toMatchObject({ estimatedUsd: '0.00', estimatedSeconds: 1 });
});
