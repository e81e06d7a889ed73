/** What is refused, and the position of each problem. */
import { describe, expect, it, test } from 'vitest';
import { accepted, parse, problemsOf, withItems } from '../test/door.ts';

const ssml = (body: string) => withItems('  - text-type: ssml', '    engine: standard', `    text: ${body}`);

const refused: Record<string, [file: string, problems: string[]]> = {
  'an empty file': ['', ['1:1 empty-file']],
  'a file of comments': ['# nothing\n', ['1:1 empty-file']],
  'a list at the top': ['- text: a\n', ['1:1 not-a-map']],
  'a text at the top': ['hello\n', ['1:1 not-a-map']],
  'no items': ['set:\n  name: a\n', ['1:1 missing-section items']],
  'no set': ['items:\n  - text: a\n', ['1:1 missing-section set']],
  'empty sections': [
    'set:\ndefaults:\nitems:\n',
    ['1:1 empty-section set', '2:1 empty-section defaults', '3:1 empty-section items'],
  ],
  'an empty list of items': ['set: {name: a}\nitems: []\n', ['2:1 empty-section items']],
  'sections of the wrong kind': [
    'set: a\ndefaults: [a]\nitems: {text: a}\n',
    ['1:1 wrong-type set', '2:1 wrong-type defaults', '3:1 wrong-type items'],
  ],
  'a section twice': ['set: {name: a}\nset: {name: b}\nitems: [text: a]\n', ['2:1 duplicate-key set']],
  'a key twice': [withItems('  - text: a', '    text: b'), ['5:5 duplicate-key items[0].text']],
  'no name': ['set:\n  description: a\nitems: [text: a]\n', ['1:1 missing-name set']],
  'an empty name': ['set:\n  name:\nitems: [text: a]\n', ['2:8 empty-value set.name']],
  'a name of two lines': ['set:\n  name: |\n    a\n    b\nitems: [text: a]\n', ['2:9 bad-name set.name']],
  'an impossible folder name': ['set:\n  name: "a:b"\nitems: [text: a]\n', ['2:9 bad-name set.name']],
  'a prefix that leaves the output folder': [
    'set: {name: a, output-prefix: ../b}\nitems: [text: a]\n',
    ['1:31 bad-output-prefix set.output-prefix'],
  ],
  'an unknown priority': [
    'set: {name: a, priority: urgent}\nitems: [text: a]\n',
    ['1:26 bad-priority set.priority'],
  ],
  'notify with invalid channel names': [
    'set:\n  name: a\n  notify: [mail, "Bob <b@example.com>", Desk]\nitems: [text: a]\n',
    ['3:18 bad-notify set.notify', '3:41 bad-notify set.notify'],
  ],
  'an empty notify': ['set: {name: a, notify: []}\nitems: [text: a]\n', ['1:24 bad-notify set.notify']],
  'a budget that is not an amount': [
    'set: {name: a, budget: $5}\nitems: [text: a]\n',
    ['1:24 bad-budget set.budget'],
  ],
  'a negative budget': ['set: {name: a, budget: -5}\nitems: [text: a]\n', ['1:24 bad-budget set.budget']],
  'a budget with an exponent': [
    'set: {name: a, budget: 1e3}\nitems: [text: a]\n',
    ['1:24 bad-budget set.budget'],
  ],
  'an invalid deadline': [
    'set: {name: a, deadline: tomorrow}\nitems: [text: a]\n',
    ['1:26 bad-deadline set.deadline'],
  ],
  'unknown paths': ['set: {name: a, paths: task}\nitems: [text: a]\n', ['1:23 bad-paths set.paths']],
  'an item without text': [withItems('  - voice-id: Joanna'), ['4:5 missing-text items[0]']],
  'an empty text': [
    withItems('  - text:', '  - text: ""', '  - text: "  "'),
    ['4:10 missing-text items[0].text', '5:11 missing-text items[1].text', '6:11 missing-text items[2].text'],
  ],
  'a text without a key, an empty item and a nested item': [
    withItems('  - hello', '  -', '  - [a]'),
    ['4:5 wrong-type items[0]', '5:4 wrong-type items[1]', '6:5 wrong-type items[2]'],
  ],
  'a text that is a list or a map': [
    withItems('  - text: [a, b]', '  - text: {a: b}'),
    ['4:11 wrong-type items[0].text', '5:11 wrong-type items[1].text'],
  ],
  'a setting without a value': [
    withItems('  - text: a', '    engine:', '    voice-id: ~'),
    ['5:12 empty-value items[0].engine', '6:15 unknown-voice items[0].voice-id'],
  ],
  'an engine, a format, a text type that do not exist': [
    withItems(
      '  - {text: a, engine: nueral}',
      '  - {text: a, output-format: wav}',
      '  - {text: a, text-type: xml}',
    ),
    [
      '4:23 unknown-value items[0].engine',
      '5:30 unknown-value items[1].output-format',
      '6:26 unknown-value items[2].text-type',
    ],
  ],
  'a voice or a language that does not exist': [
    withItems('  - {text: a, voice-id: Mathew}', '  - {text: a, language-code: no}'),
    ['4:25 unknown-voice items[0].voice-id', '5:30 unknown-language items[1].language-code'],
  ],
  'an impossible voice and an impossible language': [
    withItems(`  - {text: a, voice-id: ${'x'.repeat(65)}}`, '  - {text: a, language-code: e}'),
    ['4:25 bad-voice items[0].voice-id', '5:30 bad-language items[1].language-code'],
  ],
  'a voice without the engine': [
    withItems('  - {text: a, voice-id: Brian, engine: long-form}'),
    ['4:25 voice-engine items[0].voice-id'],
  ],
  'a voice without the language': [
    withItems('  - {text: a, voice-id: Brian, language-code: en-US}'),
    ['4:25 voice-language items[0].voice-id'],
  ],
  'a default that no item can use, once': [
    'set: {name: a}\ndefaults: {voice-id: Joey, engine: long-form}\nitems:\n  - text: a\n  - text: b\n  - text: c\n',
    ['2:22 voice-engine defaults.voice-id'],
  ],
  'a bad default, once': [
    'set: {name: a}\ndefaults: {engine: fast}\nitems:\n  - text: a\n  - text: b\n',
    ['2:20 unknown-value defaults.engine'],
  ],
  'a rate that the format does not support': [
    withItems('  - {text: a, output-format: pcm, sample-rate: 22050}'),
    ['4:48 sample-rate items[0].sample-rate'],
  ],
  'a rate that is not a number': [
    withItems('  - {text: a, sample-rate: 22 kHz}'),
    ['4:28 bad-sample-rate items[0].sample-rate'],
  ],
  'a rate for marks': [
    withItems('  - {text: a, output-format: json, speech-marks: word, sample-rate: 22050}'),
    ['4:69 sample-rate items[0].sample-rate'],
  ],
  'a rate that is only for short texts': [
    withItems('  - sample-rate: 48000', `    text: ${'long text '.repeat(301)}`),
    ['4:18 sample-rate items[0].sample-rate'],
  ],
  'marks with audio': [
    withItems('  - {text: a, speech-marks: [word]}'),
    ['4:29 speech-marks items[0].speech-marks'],
  ],
  'json without marks': [
    withItems('  - {text: a, output-format: json}'),
    ['4:30 speech-marks items[0].output-format'],
  ],
  'ssml marks of a plain text': [
    withItems('  - {text: a, output-format: json, speech-marks: [ssml]}'),
    ['4:50 speech-marks items[0].speech-marks'],
  ],
  'marks with an engine that has none': [
    withItems('  - {text: a, output-format: json, speech-marks: [word], engine: generative}'),
    ['4:66 speech-marks items[0].engine'],
  ],
  'an unknown mark': [
    withItems('  - {text: a, output-format: json, speech-marks: [word, wrod]}'),
    ['4:57 unknown-value items[0].speech-marks'],
  ],
  'lexicons of the wrong form': [
    withItems(
      '  - {text: a, lexicons: [a-b]}',
      '  - {text: a, lexicons: [a, b, c, d, e, f]}',
      '  - {text: a, lexicons: [a, a]}',
      '  - {text: a, lexicons: [[a]]}',
    ),
    [
      '4:25 bad-lexicon items[0].lexicons',
      '5:25 too-many-lexicons items[1].lexicons',
      '6:25 repeated-value items[2].lexicons',
      '7:26 wrong-type items[3].lexicons[0]',
    ],
  ],
  'a text too long for any operation': [
    withItems(`  - text: ${'x'.repeat(100_001)}`),
    ['4:11 text-too-long items[0].text'],
  ],
  'a text too long, whatever its tags': [
    ssml(`<speak>${'<break/>'.repeat(25_001)}<b></speak>`),
    ['6:11 text-too-long items[0].text'],
  ],
  'a tag that is not closed': [ssml('<speak>Hello <break></speak>'), ['6:24 ssml-malformed items[0].text']],
  'a tag of another engine': [
    withItems('  - text-type: ssml', '    text: <speak>Hello <emphasis>you</emphasis></speak>'),
    ['5:24 ssml-unsupported items[0].text'],
  ],
  'a control character': [withItems('  - text: "a\\x07b"'), ['4:11 bad-character items[0].text']],
  'half a character': [withItems('  - text: "a\\uD83D"'), ['4:11 bad-character items[0].text']],
};

test.each(Object.entries(refused))('refuses %s', (_, [file, problems]) => {
  expect(problemsOf(file)).toEqual(problems);
});

describe('every problem', () => {
  it('is reported in one go, in the order of the file', () => {
    const file = `set:
  nmae: play
  budget: lots
defaults:
  engine: nueral
items:
  - txet: a
  - text: b
    voice-id: Nobody
    output-file: ../b.mp3
`;
    expect(problemsOf(file)).toEqual([
      '1:1 missing-name set',
      '2:3 unknown-key set.nmae',
      '3:11 bad-budget set.budget',
      '5:11 unknown-value defaults.engine',
      '7:5 unknown-key items[0].txet',
      '7:5 missing-text items[0]',
      '9:15 unknown-voice items[1].voice-id',
      '10:18 bad-file-name items[1].output-file',
    ]);
  });

  it('has a position within the file, a message and a remedy', () => {
    for (const [file] of Object.values(refused)) {
      const result = parse(file);
      if (result.ok) throw new Error('accepted');
      for (const problem of result.problems) {
        expect(problem.line).toBeLessThanOrEqual(file.split('\n').length);
        expect(problem.message).toMatch(/\S.*[^.]$/);
        expect(problem.remedy).toMatch(/\S.*[^.]$/);
      }
    }
  });

  it('is counted, and the first ones are kept', () => {
    const file = withItems(...Array.from({ length: 5_000 }, () => '  - voice-id: Joanna'));
    const result = parse(file);
    if (result.ok) throw new Error('accepted');
    expect(result.problemCount).toBe(5_000);
    expect(result.problems.map(({ line }) => line)).toEqual(Array.from({ length: 1_000 }, (_, n) => 4 + n));
  });

  it('comes with the set’s name and description if those could be read', () => {
    expect(parse('set: {name: play, description: old}\nitems: []\n')).toMatchObject({
      ok: false,
      name: 'play',
      description: 'old',
    });
  });
});

describe('the longest texts', () => {
  it('need a task if they have more than 3,000 billed characters, up to 100,000', () => {
    const { items } = accepted(
      withItems(
        `  - text: ${'x'.repeat(3_000)}`,
        `  - text: ${'x'.repeat(3_001)}`,
        `  - text: ${'x'.repeat(100_000)}`,
      ),
    );
    expect(items.map(({ operation }) => operation)).toEqual(['synthesize', 'task', 'task']);
    expect(items.map(({ billedCharacters }) => billedCharacters)).toEqual([3_000, 3_001, 100_000]);
  });
});
