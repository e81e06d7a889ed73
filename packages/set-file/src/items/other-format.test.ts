/** A format that is suggested for a file's extension can be written: the file is valid then. */
import { expect, test } from 'vitest';
import { accepted, messageOf, withItems } from '../../test/door.ts';

test('a rate that another format has for short texts alone is not suggested', () => {
  const text = 'long text '.repeat(301);
  const withFormat = (settings: string) => withItems(`  - {text: ${text}, output-file: a.mp3, ${settings}}`);
  const rates = [8000, 16000, 22050, 24000];
  const suggested = rates.map((rate) => `"sample-rate: ${rate}"`).join(' or ');
  expect(messageOf(withFormat('output-format: ogg_opus, sample-rate: 48000'))).toContain(
    `or write "output-format: mp3" with ${suggested};`,
  );
  for (const rate of rates) {
    expect(accepted(withFormat(`output-format: mp3, sample-rate: ${rate}`)).items).toHaveLength(1);
  }
});

test.each([
  ['output-file: a.json', '(end the name in .mp3)'],
  ['output-file: a.marks', '(end the name in .mp3;'],
])('speech marks are not suggested for {%s} with an engine that has none', (item, remedy) => {
  expect(messageOf(withItems(`  - {text: a, engine: generative, ${item}}`))).toContain(remedy);
});

test('marks in the defaults that do not fit a text without tags are replaced in what is suggested', () => {
  const withMarks = (item: string) =>
    withItems(`  - {text: a, output-file: a.json${item}}`).replace(
      'items:',
      'defaults: {speech-marks: [ssml, word]}\nitems:',
    );
  const suggested = '"output-format: json" with "speech-marks: [sentence, word]" for speech marks)';
  expect(messageOf(withMarks(''))).toContain(suggested);
  expect(accepted(withMarks(', output-format: json, speech-marks: [sentence, word]')).items).toHaveLength(1);
});

test.each<[item: string, remedy: string, settings: string]>([
  [
    'output-file: a.json',
    '(end the name in .mp3, or write "output-format: json" with "speech-marks: [sentence, word]" for speech marks)',
    'output-file: a.json, output-format: json, speech-marks: [sentence, word]',
  ],
  [
    'output-file: a.marks',
    'or write "output-format: json" with "speech-marks: [sentence, word]";',
    'output-file: a.marks, output-format: json, speech-marks: [sentence, word]',
  ],
  [
    'output-file: a.marks, sample-rate: 8000',
    '"output-format: json" with "speech-marks: [sentence, word]" and without "sample-rate";',
    'output-file: a.marks, output-format: json, speech-marks: [sentence, word]',
  ],
  [
    'output-file: a.pcm, sample-rate: 24000',
    'or write "output-format: pcm" with "sample-rate: 8000" or "sample-rate: 16000";',
    'output-file: a.pcm, output-format: pcm, sample-rate: 16000',
  ],
  [
    'output-file: a.wav, sample-rate: 24000',
    'or write "output-format: pcm" with "sample-rate: 8000" or "sample-rate: 16000" and end it in .pcm;',
    'output-file: a.pcm, output-format: pcm, sample-rate: 8000',
  ],
  [
    'output-file: a.ogg, sample-rate: 8000',
    'or write "output-format: ogg_vorbis" or "output-format: ogg_opus" with "sample-rate: 48000";',
    'output-file: a.ogg, output-format: ogg_opus, sample-rate: 48000',
  ],
  [
    'output-file: a.mp3, output-format: json, speech-marks: word',
    'or write "output-format: mp3" without "speech-marks";',
    'output-file: a.mp3, output-format: mp3',
  ],
  [
    'output-file: a.mp3, output-format: ogg_vorbis, sample-rate: 44100',
    'or write "output-format: mp3";',
    'output-file: a.mp3, output-format: mp3, sample-rate: 44100',
  ],
  [
    'output-file: a.pcm, sample-rate: 16000',
    'or write "output-format: pcm";',
    'output-file: a.pcm, sample-rate: 16000, output-format: pcm',
  ],
])(
  'the format that is suggested for {%s} makes a valid item, with what else is suggested',
  (item, remedy, mended) => {
    expect(messageOf(withItems(`  - {text: a, ${item}}`))).toContain(remedy);
    expect(accepted(withItems(`  - {text: a, ${mended}}`)).items).toHaveLength(1);
  },
);

test.each([
  [
    'engine: generative, speech-marks: [word], output-file: a.mp3',
    'remove "speech-marks"',
    'engine: generative',
  ],
  [
    'speech-marks: [ssml]',
    'write "output-format: json" with "speech-marks: [sentence, word]", and another item for the audio',
    'output-format: json, speech-marks: [sentence, word]',
  ],
  [
    'speech-marks: [word], sample-rate: 8000',
    'write "output-format: json" without "sample-rate", and another item for the audio',
    'output-format: json, speech-marks: [word]',
  ],
])('the remedy for marks of an audio file, {%s}, makes a valid item', (item, remedy, mended) => {
  expect(messageOf(withItems(`  - {text: a, ${item}}`))).toContain(`(${remedy})`);
  expect(accepted(withItems(`  - {text: a, ${mended}}`)).items).toHaveLength(1);
});
