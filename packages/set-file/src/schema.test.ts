/** The schema that editors use and the parser that decides must not contradict each other. */
import { readdirSync, readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, it, test } from 'vitest';
import { parse as parseYaml } from 'yaml';
import { accepted, parse, withItems } from '../test/door.ts';
import { setFileJsonSchema } from './schema.ts';

const validate = new Ajv2020({ allErrors: true }).compile(setFileJsonSchema());
const SAMPLES = new URL('../../../samples/', import.meta.url);
/** The file as an editor reads it: numbers are numbers, and merge keys are merged. */
const inEditor = (text: string): unknown => parseYaml(text, { merge: true });

test.each(readdirSync(SAMPLES).filter((name) => name.endsWith('.yml')))(
  'finds nothing wrong in samples/%s',
  (name) => {
    expect(
      validate(inEditor(readFileSync(new URL(name, SAMPLES), 'utf8'))),
      JSON.stringify(validate.errors),
    ).toBe(true);
  },
);

const right = [
  withItems('  - text: 7', '  - text: true', '  - text: Yes', '  - text: 2024-05-01', '  - text: 12:30'),
  withItems(
    '  - {text: a, sample-rate: 22050, lexicons: one}',
    '  - {text: a, sample-rate: "22050", lexicons: [one]}',
  ),
  'set: {name: a, budget: 2, notify: mail}\nitems: [text: a]\n',
  'set: {name: 1984, description: 1.0, output-prefix: 2024, notify: 7}\nitems: [text: a]\n',
  'set: {name: true, notify: [1, 2]}\nitems: [{text: a, lexicons: [1, 2]}, {text: b, lexicons: 3}]\n',
  '{"$schema": "x", "set": {"name": "a", "budget": "2.50"}, "items": [{"text": "a"}]}',
];
test.each(right)('accepts what the parser accepts: %j', (text) => {
  accepted(text);
  expect(validate(inEditor(text)), JSON.stringify(validate.errors)).toBe(true);
});

const wrong = [
  'items: [text: a]\n',
  'set: {name: a}\nitems: []\n',
  'set: {name: a, notify: []}\nitems: [text: a]\n',
  'set: {name: a, nmae: b}\nitems: [text: a]\n',
  withItems('  - {voice-id: Joey}'),
  withItems('  - {text: a, txt: b}'),
  withItems('  - {text: a, engine: fast}'),
  withItems('  - {text: a, voice-id: Nobody}'),
  withItems('  - {text: [a]}'),
  withItems('  - {text: a, lexicons: [a-b]}'),
];
test.each(wrong)('refuses with the parser: %j', (text) => {
  expect(parse(text).ok).toBe(false);
  expect(validate(inEditor(text))).toBe(false);
});

it('describes every key, and gives the defaults', () => {
  const schema = JSON.stringify(setFileJsonSchema());
  expect(setFileJsonSchema()).toMatchObject({
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    additionalProperties: false,
  });
  for (const value of [
    '"default":"neural"',
    '"default":"en-US"',
    '"default":"mp3"',
    '"default":"text"',
    '"default":"Matthew"',
  ])
    expect(schema).toContain(value);
});
