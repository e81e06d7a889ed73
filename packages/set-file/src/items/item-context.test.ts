/** Settings of `defaults` that don't fit together with what an item lacks. */
import { expect, test } from 'vitest';
import { accepted, messageOf, problemsOf } from '../../test/door.ts';

test.each([
  [
    'engine: long-form',
    ['{text: a, voice-id: Ruth}', '{text: b}', '{text: c}'],
    'the voice Matthew has no long-form engine',
    'voice-id: Gregory',
  ],
  [
    'output-format: json, speech-marks: [word, ssml]',
    ['{text: <speak>a</speak>, text-type: ssml}', '{text: <speak>b</speak>}', '{text: <speak>c</speak>}'],
    'marks of type ssml need a text of type ssml',
    'text-type: ssml',
  ],
  [
    'output-format: json',
    ['{text: a, speech-marks: word}', '{text: b}', '{text: c}'],
    'the format json is for speech marks, and none are requested',
    'speech-marks: [sentence, word]',
  ],
])(
  '{%s}, which does not fit what some items lack, is reported once with the first of them, which can be mended alone',
  (defaults, items, message, setting) => {
    const file = (lines: string[]) =>
      `set: {name: a}\ndefaults: {${defaults}}\nitems:\n${lines.map((item) => `  - ${item}\n`).join('')}`;
    expect(problemsOf(file(items))).toEqual([expect.stringMatching(/^2:.* defaults\./)]);
    const told = messageOf(file(items));
    expect(told).toContain(`${message}; the first such item is item 1, on line 5 (`);
    expect(told).toContain('; do so in that item, or here for every item');
    const mended = items.map((item, index) => (index === 0 ? item : item.replace('}', `, ${setting}}`)));
    expect(accepted(file(mended)).items).toHaveLength(3);
  },
);

test('settings of defaults that don’t fit together are reported without an item', () => {
  const file =
    'set: {name: a}\ndefaults: {voice-id: Joey, engine: long-form}\nitems: [{text: a}, {text: b}]\n';
  expect(messageOf(file)).not.toContain('item ');
});
