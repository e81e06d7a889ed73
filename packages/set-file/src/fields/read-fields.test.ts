/** Keys that don't exist, some of which compat accepts. */
import { expect, test } from 'vitest';
import { messageOf, parse } from '../../test/door.ts';

const newKeys: [section: string, key: string, meant: string][] = [
  ['set', 'Budget', 'did you mean "budget"?'],
  ['set', 'buget', 'did you mean "budget"?'],
  ['set', 'bugdet', 'did you mean "budget"?'],
  ['set', 'dead-line', 'did you mean "deadline"?'],
  ['set', 'max-usd', 'did you mean "budget"?'],
  ['defaults', 'max-usd', 'did you mean "budget"? Then move it to "set".'],
  ['defaults', 'samplerate', 'did you mean "sample-rate"?'],
  ['set', 'budget-usd', 'did you mean "budget"?'],
  ['set', 'max-budget', 'did you mean "budget"?'],
  ['defaults', 'budgetUsd', 'did you mean "budget"? Then move it to "set".'],
  ...[
    ...['bugett', 'buggett', 'buddgett', 'budjett', 'ubdget', 'buget-usd', 'max_buget', 'maxbuget'],
    ...['budgetusd', 'maxbudget', 'USDBudget', 'budget/usd', 'budget(usd)'],
  ].map((key): [string, string, string] => ['set', key, 'did you mean "budget"?']),
  ['set', 'edadline', 'did you mean "deadline"?'],
  ['defaults', 'sampleRate', 'did you mean "sample-rate"?'],
  ['set', 'speech-marks', 'move it to "defaults"'],
  ['top', 'budget_usd', 'did you mean "budget"? Then move it to "set".'],
  ['top', 'set.deadline', 'did you mean "deadline"? Then move it to "set".'],
  ['defaults', 'budget', 'move it to "set"'],
  [
    'defaults',
    'buget',
    'did you mean "budget"? Then move it to "set". Otherwise remove it; known here: engine,',
  ],
  ['top', 'budget', 'move it to "set"'],
  [
    'top',
    'Deadline',
    'did you mean "deadline"? Then move it to "set". Otherwise remove it, and move its anchors',
  ],
];

const fileWith = (section: string, key: string): string => {
  const items = section === 'item' ? `[{text: a, ${key}: 1}]` : '[text: a]';
  const line = { set: '', item: '', top: `${key}: 1\n` }[section] ?? `${section}: {${key}: 1}\n`;
  return `set: {name: a${section === 'set' ? `, ${key}: 1` : ''}}\n${line}items: ${items}\n`;
};

test.each(newKeys)(
  'in %s, %s is refused even with compat, since it may be meant as a key that the reference lacked',
  (section, key, meant) => {
    const file = fileWith(section, key);
    for (const compat of [false, true]) expect(messageOf(file, { compat })).toContain(`(${meant}`);
    expect(messageOf(file)).not.toContain('--compat');
  },
);

const ownKeys = [
  ...['rate', 'path', 'lexicon', 'sample', 'speech', 'marks', 'notice', 'headline', 'widget', 'bucket'],
  ...['x-budget', 'x-sample-rate', 'x-deadline-of-the-shop', 'budgetary', 'badge'],
  'what the mayor said about the budget of the city of Verona and its fair',
  ...['bullet', 'buffet', 'gadget', 'dead-end', 'limit', 'usd'],
];

test.each(['set', 'defaults', 'item', 'top'])(
  'in %s, keys of one’s own are accepted with compat, even if they resemble a key that the reference lacked',
  (section) => {
    for (const key of ownKeys) {
      const result = parse(fileWith(section, key), { compat: true });
      expect(result, key).toMatchObject({
        ok: true,
        warnings: expect.arrayContaining([expect.objectContaining({ code: 'unknown-key' })]),
      });
    }
  },
);

test.each(['x-voices', 'x-lexicons'])('a section %s of one’s own is accepted with compat', (section) => {
  const file = `${section}: &own {engine: neural}\nset: {name: a}\nitems: [{text: a, <<: *own}]\n`;
  expect(parse(file, { compat: true })).toMatchObject({ ok: true, warnings: [{ code: 'unknown-key' }] });
});

const OTHERWISE =
  'otherwise put the whole value in quotes, since it contains a comma, or remove what follows it';

test.each([
  ['budget:5', 'a blank after the colon: "budget: 5"'],
  ['Budget :5', 'a blank after the colon: "budget: 5"'],
  ['budget-usd:5', 'a blank after the colon: "budget: 5"'],
  ['budget 5', 'a colon and a blank after it: "budget: 5"'],
  ['max budget:5', 'a blank after the colon: "budget: 5"'],
  ['budget.usd:5', 'a blank after the colon: "budget: 5"'],
  ['$budget:5', 'a blank after the colon: "budget: 5"'],
  ['budget(usd)=5', 'a colon and a blank after it: "budget: 5"'],
  ['deadline 2026-12-01T20:00Z', 'a colon and a blank after it: "deadline: 2026-12-01T20:00Z"'],
  ['deadline 2h', 'a colon and a blank after it: "deadline: 2h"'],
  ['budget $5', 'a colon and a blank after it: "budget: 5"'],
  ['budget USD 5', 'a colon and a blank after it: "budget: 5"'],
  ['max budget:US$5', 'a blank after the colon: "budget: 5"'],
  ['budget:5.50 USD', 'a blank after the colon: "budget: 5.50"'],
  ['budget:5 50', 'a blank after the colon: "budget: 5 50"'],
  ['max-usd=5', 'a colon and a blank after it: "budget: 5"'],
  [
    'sample-rate:8000',
    'a blank after the colon: "sample-rate: 8000", and move it to "defaults" or to an item',
  ],
])(
  'a key without a blank before its value, as in {name: a, %s}, is refused even with compat if the reference lacked it',
  (pair, needed) => {
    const file = `set: {name: a, ${pair}}\nitems: [text: a]\n`;
    for (const compat of [false, true]) {
      expect(messageOf(file, { compat })).toBe(
        `the value before "${pair}" ends at the comma, and this is read as a key (if it is meant as a key, write ${needed}; ${OTHERWISE})`,
      );
    }
  },
);

test.each([
  [
    'engine:neural',
    `(if it is meant as a key, write a blank after the colon: "engine: neural"; ${OTHERWISE};`,
  ],
  ['x-deadline:soon', '(put the whole value in quotes'],
  ['deadline is near', '(put the whole value in quotes'],
  ['the budget=5 rule', '(put the whole value in quotes'],
  ['next door', '(put the whole value in quotes'],
])(
  'what follows a comma in braces is accepted with compat if it is no such key: {text: a, %s}',
  (rest, remedy) => {
    const file = `set: {name: a}\nitems:\n  - {text: a, ${rest}}\n`;
    expect(messageOf(file)).toContain(remedy);
    expect(parse(file, { compat: true }).ok).toBe(true);
  },
);

test.each([
  'Roads, paths and trails',
  'How to plan, budget & win',
  'Call, notify everybody',
  'Urgent, priority one',
  'Sales, deadline Monday',
  'Sales, deadline Monday 5:30',
  'Sales, the deadline is:Monday',
])('a description with a comma in braces is accepted with compat, as in the reference: %s', (description) => {
  const file = `set: {name: a, description: ${description}}\nitems: [text: a]\n`;
  expect(parse(file, { compat: true })).toMatchObject({
    ok: true,
    warnings: expect.arrayContaining([expect.objectContaining({ code: 'unknown-key' })]),
  });
});

test('a limit without a blank before its value is to be moved to where it belongs', () => {
  const file = 'set: {name: a}\ndefaults: {engine: neural, budget:5}\nitems: [text: a]\n';
  for (const compat of [false, true]) {
    expect(messageOf(file, { compat })).toContain(
      `write a blank after the colon: "budget: 5", and move it to "set"; ${OTHERWISE})`,
    );
  }
});

test('a key that is there already is not suggested once more', () => {
  const file = 'set: {name: a, budget: 1, budget:5}\nitems: [text: a]\n';
  for (const compat of [false, true]) expect(messageOf(file, { compat })).toContain(' (put the whole value');
});
