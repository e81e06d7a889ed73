/** The position in the file of a position in a text: exact for every YAML style except with escapes. */
import { describe, expect, it, test } from 'vitest';
import { parse, withItems } from '../../test/door.ts';

/** Items whose SSML contains <oops/>. */
const styles: Record<string, string[]> = {
  plain: ['  - text: <speak>It is <oops/> bad</speak>'],
  'plain, of several lines': ['  - text: <speak>It', '      is', '', '      so   <oops/> bad</speak>'],
  'single-quoted': ["  - text: '<speak>It''s ''so'' <oops/> bad</speak>'"],
  'single-quoted, of several lines': ["  - text: '<speak>It''s", '', "      so''  <oops/> bad</speak>'"],
  'double-quoted': ['  - text: "<speak>It is <oops/> bad</speak>"'],
  'double-quoted, of several lines': ['  - text: "<speak>It', '      is', '      <oops/> bad</speak>"'],
  literal: ['  - text: | # a comment', '      <speak>', '        It is', '', '        <oops/> bad</speak>'],
  folded: ['  - text: >-', '      <speak>It', '      is <oops/>', '      bad</speak>'],
  'folded with an indicator': ['  - text: >1-', '      <speak>It', '     is <oops/>', '     bad</speak>'],
};

describe('a problem in a text has its position in the file', () => {
  test.each(Object.entries(styles))('%s', (_, lines) => {
    const file = withItems(...lines, '    text-type: ssml');
    const result = parse(file);
    if (result.ok) throw new Error('accepted');
    const at = file.indexOf('<oops/>');
    const line = file.slice(0, at).split('\n').length;
    const column = at - file.lastIndexOf('\n', at);
    expect(result.problems).toMatchObject([{ line, column, code: 'ssml-unknown-tag' }]);
  });

  it('with escapes, at the start of the text, and the message gives the position within', () => {
    const result = parse(withItems('  - text: "<speak>\\n<oops/></speak>"', '    text-type: ssml'));
    expect(result).toMatchObject({
      problems: [{ line: 4, column: 11, message: expect.stringContaining('(line 2, column 1 of the text)') }],
    });
  });

  it('also if one text has several problems', () => {
    const result = parse(
      withItems(
        '  - text: >-',
        '      <speak><oops/> and',
        '      <oops/> and',
        '      <oops/></speak>',
        '    text-type: ssml',
      ),
    );
    expect(result).toMatchObject({
      problems: [
        { line: 5, column: 14 },
        { line: 6, column: 7 },
        { line: 7, column: 7 },
      ],
    });
  });
});
