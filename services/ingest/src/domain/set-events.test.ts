/** Whatever a set file says: what the parser accepts can be encoded in events. */
import { plannedItem, termsOf } from '@setlist/admission';
import { encodeEvent, MAX_EVENT_BYTES } from '@setlist/contracts';
import { deadlineAt, type ParsedSet, parseSetFile } from '@setlist/set-file';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { itemRequested, setAccepted } from './set-events.ts';

const NOW = new Date('2026-12-30T12:00:00Z');
/** Values at the edges of what the parser accepts. */
const ODD = [
  'e',
  '99999',
  '999999999999.999999999999',
  '366d',
  '9999-12-31T23:59:59Z',
  '9999-12-31T23:59:59-01:00',
];
const PLAN = {
  itemCount: 1,
  lanes: [{ lane: 'neural' as const, items: 1, billedCharacters: 1 }],
  billedCharacters: 1,
  usdPerMillion: { neural: '16.00' },
  estimatedUsd: '0.000016',
};

const KEYS = {
  set: ['name', 'description', 'output-prefix', 'notify', 'budget', 'deadline'],
  defaults: ['voice-id', 'language-code', 'sample-rate', 'lexicons'],
  items: ['text', 'output-file', 'voice-id', 'language-code', 'sample-rate', 'lexicons'],
};
type Section = keyof typeof KEYS;

/** A valid set, except for one value. */
function fileWith(section: Section, key: string, value: string): Uint8Array {
  const own = (name: Section) => (name === section ? { [key]: value } : {});
  const file = {
    set: { name: 'act 1', 'output-prefix': 'acts', ...own('set') },
    defaults: { engine: 'standard', ...own('defaults') },
    items: [{ text: 'Hello.', ...own('items') }],
  };
  return new TextEncoder().encode(JSON.stringify(file));
}

it.each(Object.entries(KEYS))('takes every value that parses in %s, with compat', (name, keys) => {
  const section = name as Section;
  let parsed = 0;
  const inEvents = (key: string, value: string): void => {
    const result = parseSetFile(fileWith(section, key, value), { fileName: 'set.json', compat: true });
    if (!result.ok) return;
    parsed += 1;
    for (const event of eventsOf(result.set)) encodeEvent(event);
  };
  const long = 'x'.repeat(MAX_EVENT_BYTES);
  for (const key of keys) for (const value of [...ODD, long]) inEvents(key, value);
  const value = fc.oneof(fc.string({ unit: 'binary', maxLength: 40 }), fc.string({ maxLength: 3 }));
  fc.assert(fc.property(fc.constantFrom(...keys), value, inEvents), { numRuns: 300 });
  expect(parsed).toBeGreaterThan(20);
});

function* eventsOf(set: ParsedSet) {
  const lexicons = new Map(set.items.flatMap((one) => one.lexicons.map((name) => [name, 'a'.repeat(64)])));
  const acceptance = {
    run: '20261230t120000-abcdef',
    setId: 'act-1-20261230t120000-abcdef',
    source: { uri: 'file:///in/act-1.json', bytes: 1, kept: { sha256: 'a'.repeat(64), keptAs: 'k' } },
    provider: 'polly' as const,
    output: 'file:///out',
    location: `/out/${set.prefix}`,
    compat: true,
    lexicons,
    warnings: 0,
    terms: termsOf(set, {}),
    deadline: set.deadline === undefined ? undefined : deadlineAt(set.deadline, NOW),
  };
  const accepted = setAccepted(set, PLAN, acceptance, NOW);
  yield accepted;
  for (const one of set.items) {
    yield itemRequested(plannedItem(set.prefix, one, { provider: 'polly', lexicons }), accepted, NOW);
  }
}
