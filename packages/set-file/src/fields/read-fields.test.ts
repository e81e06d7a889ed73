/** Keys that don't exist, some of which compat accepts. */
import { expect, test } from 'vitest';
import { messageOf, parse } from '../../test/door.ts';

const newKeys: [section: string, key: string, meant: string][] = [
  ['set', 'Budget', 'did you mean "budget"?'],
  ['set', 'buget', 'did you mean "budget"?'],
  ['set', 'dead-line', 'did you mean "deadline"?'],
  ['set', 'max-usd', 'did you mean "budget"?'],
  ['defaults', 'max-usd', 'did you mean "budget"? Then move it to "set".'],
  ['defaults', 'samplerate', 'did you mean "sample-rate"?'],
  ['defaults', 'lexicon', 'did you mean "lexicons"?'],
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

test.each(newKeys)(
  'in %s, %s is refused even with compat, since it may be meant as a key that the reference lacked',
  (section, key, meant) => {
    const line =
      section === 'top' ? `${key}: 1` : `${section}: {${section === 'set' ? 'name: a, ' : ''}${key}: 1}`;
    const file = `${section === 'set' ? '' : 'set: {name: a}\n'}${line}\nitems: [text: a]\n`;
    for (const compat of [false, true]) expect(messageOf(file, { compat })).toContain(`(${meant}`);
    expect(messageOf(file)).not.toContain('--compat');
  },
);

test.each(['x-voices', 'x-lexicons'])('a section %s of one’s own is accepted with compat', (section) => {
  const file = `${section}: &own {engine: neural}\nset: {name: a}\nitems: [{text: a, <<: *own}]\n`;
  expect(parse(file, { compat: true })).toMatchObject({ ok: true, warnings: [{ code: 'unknown-key' }] });
});
