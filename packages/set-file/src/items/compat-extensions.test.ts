/** Compat changes the extensions of some made names, but not in silence. */
import { expect, it } from 'vitest';
import { parse, withItems } from '../../test/door.ts';

const toldOf = (items: string[], compat: boolean): string[] => {
  const file = withItems(...items.map((item) => `  - {engine: neural, ${item}}`));
  const result = parse(file, { compat });
  if (!result.ok) throw new Error(`refused: ${JSON.stringify(result.problems)}`);
  return result.warnings.map(({ line, code, path, message, remedy }) =>
    [`${line} ${code} ${path}:`, message, `(${remedy})`].join(' '),
  );
};

it('warns once for each format whose made names compat gives another extension', () => {
  const items = ['text: a', 'text: b, output-format: mulaw', 'text: c, output-format: mulaw'];
  expect(toldOf([...items, 'text: d, output-format: ogg_opus'], true)).toEqual([
    '5 compat-extension items[1]: names made from the text end in .mulaw, as in AWS\'s sample; without --compat or COMPAT=true, they end in .ulaw (write an "output-file" where the name is to end in .ulaw)',
    expect.stringContaining('7 compat-extension items[3]: names made from the text end in .ogg_opus,'),
  ]);
  expect(toldOf(items, false)).toEqual([]);
});

it('does not warn of other formats, nor of written names', () => {
  const formats = ['mp3', 'ogg_vorbis', 'alaw', 'pcm', 'json, speech-marks: word'];
  const items = formats.map((format) => `text: a, output-format: ${format}`);
  expect(toldOf([...items, 'text: a, output-format: mulaw, output-file: a.ulaw'], true)).toEqual([]);
});
