/** PyYAML reads and writes YAML 1.1, in which more characters end a line than in YAML 1.2. */
import { describe, expect, it } from 'vitest';
import { accepted, problemsOf, withItems } from '../../test/door.ts';

const textOf = (...lines: string[]): string | undefined => accepted(withItems(...lines)).items[0]?.text;

describe('a line break of PyYAML', () => {
  it.each(['\u2028', '\u2029'])('%j is kept without the indentation after it', (end) => {
    const file = withItems(
      `  - text: 'a${end}      b'`,
      '  - text: >-',
      `      a${end}${end}      b`,
      '  - text: |-',
      `      a${end}      b`,
    );
    expect(accepted(file).items.map(({ text }) => text)).toEqual([`a${end}b`, `a${end}${end}b`, `a${end}b`]);
  });

  // The results of PyYAML 6.0.3.
  it.each([
    ['plain', 'a \u0085      b', 'a b'],
    ['plain', 'a\u0085   \u0085      b', 'a\nb'],
    ['plain', '\u0085      a\u0085', 'a'],
    ['plain', 'a\u0085\u2028      b', 'a\u2028b'],
    ['quoted', "'a \u0085      b\u0085'", 'a b '],
    ['quoted', "'a \u0085  \u0085      b'", 'a\nb'],
    ['folded', '>-\n      a\u0085      b\u0085\u0085      c', 'a b\nc'],
    ['folded', '>\n      a\u0085', 'a\n'],
    ['literal', '|-\n      a \u0085\u0085      b\u0085', 'a \n\nb'],
    ['literal', '|\n      a\u2028', 'a\u2028'],
  ])('U+0085 ends a line in a %s text: %j', (_, written, text) => {
    expect(textOf(`  - text: ${written}`)).toBe(text);
  });

  it('does not slow down a text with hundreds of thousands of blanks and breaks, which is too long', () => {
    const long = `a${' '.repeat(300_000)}b${'\u0085'.repeat(300_000)}c`;
    for (const written of [`'${long}'`, long, `|-\n      ${long}`, `>-\n      ${long}`]) {
      expect(problemsOf(withItems(`  - text: ${written}`))).toEqual([
        expect.stringContaining('text-too-long items[0].text'),
      ]);
    }
  });

  it.each([
    ['|', '\u2028- text: two'],
    ['|', '\u2029    voice-id: Joey'],
    ['>-', '\u0085  - text: two'],
    ['|2', '\u2028     voice-id: Joey'],
  ])('in a %s text must not swallow an item or a key: %j', (header, more) => {
    const file = withItems(`  - text: ${header}`, `      one${more}`, '  - text: three');
    expect(problemsOf(file, { compat: true })).toEqual(['5:10 yaml-syntax']);
    expect(accepted(file.replace(more, more.replace(/ *(?=\S*:|- )/, '       '))).items).toHaveLength(2);
  });

  it('leads to the same file name as in the reference', () => {
    const [item] = accepted(withItems("  - text: 'one\u0085      two'")).items;
    expect(item?.file).toBe('item-000000-one-two.mp3');
  });

  it('keeps the blanks after it if it is an escape in double quotes', () => {
    expect(textOf('  - text: "a\\L  b"')).toBe('a\u2028  b');
    expect(textOf('  - text: "a\\N  b"')).toBe('a\u0085  b');
  });

  it('does not shift the positions of problems in a text', () => {
    const ssml = "  - {text-type: ssml, text: '<speak>a\u0085      b <audio/></speak>'}";
    expect(problemsOf(withItems(ssml))).toEqual([
      `4:${ssml.indexOf('<audio') + 1} ssml-unknown-tag items[0].text`,
    ]);
  });
});
